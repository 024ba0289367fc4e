import { InferenceSession } from 'onnxruntime-node'
import {
  input,
  type OpName,
  rewrite,
  rewriteForWebGpu,
  type Tensor,
  writeOnnx,
} from '../../src/graph/index.ts'
import { applyNode } from '../../src/graph/tensor.ts'

// Prints which operations WebGPU leaves to the CPU, as JSON: of our ops as they are and after rewriteForWebGpu, and of
// those on integers.

const x = input('x', [2, 3, 4])
const y = input('y', [2, 3, 4])
const at = (dtype: 'int32' | 'int64') => input('at', [2, 3], dtype)
const [m, ids, row] = [input('m', [2, 3]), at('int32'), input('row', [4])]
const isLarge = x.greater(0)

// Packed rows never reach WebGPU: the engine unpacks them. Codes are in finished files only, which nothing rewrites for it.
type Packing = 'packRows' | 'padRows' | 'cumulativeSum'
type Codes = 'quantize' | 'dequantize' | 'matmulBits'
// Convolutions have not been tried on WebGPU.
type Convolutions = 'conv' | 'convTranspose' | 'maxPool'

const floats: Readonly<
  Record<Exclude<OpName, 'input' | 'constant' | Packing | Codes | Convolutions>, Tensor>
> = {
  add: x.add(y),
  sub: x.sub(y),
  mul: x.mul(y),
  div: x.div(y),
  maximum: x.maximum(y),
  minimum: x.minimum(y),
  neg: x.neg(),
  abs: x.abs(),
  exp: x.exp(),
  log: x.log(),
  sqrt: x.sqrt(),
  reciprocal: x.reciprocal(),
  erf: x.erf(),
  sin: x.sin(),
  cos: x.cos(),
  tanh: x.tanh(),
  sigmoid: x.sigmoid(),
  softplus: x.softplus(),
  relu: x.relu(),
  gelu: x.gelu().add(x.gelu('tanh')).add(x.gelu('quick')),
  clamp: x.clamp(-1, 1),
  equal: x.equal(y),
  less: x.less(y),
  lessOrEqual: x.lessOrEqual(y),
  not: isLarge.not(),
  and: isLarge.and(y.greater(0)),
  where: isLarge.where(x, y),
  cast: isLarge.cast('float32').cast('int32'),
  detach: x.detach(),
  sum: x.sum(1),
  mean: x.mean(-1),
  max: x.max([0, 2]),
  logSumExp: x.logSumExp(1),
  argMax: x.argMax(1),
  matmul: x.matmul(y, { transposeB: true, scale: 0.5 }),
  gemm: m.gemm(m, undefined, { transposeB: true }),
  softmax: x.softmax(1),
  logSoftmax: x.logSoftmax(),
  layerNorm: x.layerNorm(row, row),
  gather: x.gather(ids),
  gatherElements: m.gatherElements(ids, 1),
  scatterElements: m.scatterElements(ids, m.neg(), 1),
  reshape: x.reshape([6, 4]).neg(),
  reshapeTo: applyNode('reshapeTo', [x, input('shape', [2], 'int64')], { shape: [6, 4] }).outputs[0]!,
  transpose: x.transpose([2, 0, 1]),
  expand: row.expand([3, 4]),
  slice: x.slice(1, 0, 3, 2),
  concat: x.concat([y], 1),
  split: x.split([1, 2], 1)[0]!.neg(),
  pad: x.pad([0, 0, 1], [1, 0, 0], -1),
}

const integers = (dtype: 'int32' | 'int64'): Readonly<Record<string, Tensor>> => ({
  gather: x.gather(at(dtype)),
  gatherElements: m.gatherElements(at(dtype), 1),
  scatterElements: m.scatterElements(at(dtype), m.neg(), 1),
  equal: at(dtype).equal(at(dtype).add(at(dtype))),
  argMax: at(dtype).argMax(1),
  cast: at(dtype).cast('float32'),
  reshape: at(dtype).reshape([3, 2]),
  expand: at(dtype).reshape([2, 3, 1]).expand([2, 3, 4]),
  where: m.greater(0).where(at(dtype), at(dtype).add(at(dtype))),
})

async function needsCpu(outputs: { result: Tensor }): Promise<boolean> {
  try {
    const session = await InferenceSession.create(writeOnnx(outputs).bytes, {
      executionProviders: ['webgpu'],
      logSeverityLevel: 4,
      extra: { session: { disable_cpu_ep_fallback: '1' } },
    })
    await session.release()
    return false
  } catch (error) {
    if (error instanceof Error && error.message.includes('assigned to the default CPU EP')) return true
    throw error
  }
}

async function fallbacks(
  cases: Readonly<Record<string, Tensor>>,
  prepare: typeof rewrite = rewrite,
): Promise<string[]> {
  const names: string[] = []
  for (const [name, result] of Object.entries(cases)) {
    if (await needsCpu(prepare({ result }))) names.push(name)
  }
  return names
}

const found = {
  plain: await fallbacks(floats),
  rewritten: await fallbacks(floats, (outputs) => rewriteForWebGpu(rewrite(outputs))),
  int32: await fallbacks(integers('int32')),
  int64: await fallbacks(integers('int64')),
}
console.log(JSON.stringify(found))
