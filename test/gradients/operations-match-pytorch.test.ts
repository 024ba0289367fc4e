import { describe, expect, it } from 'vitest'
import type { HostArray } from '../../src/core/index.ts'
import { gradientsOf, input, type OpName, ops, type Tensor } from '../../src/graph/index.ts'
import { evaluate } from '../support/evaluate.ts'
import { type GoldenCase, goldenOps } from '../support/golden.ts'
import { buildOperation } from './pytorch-builders.ts'

// `none` returns every element; ours is the mean only.
const cases = goldenOps().filter(({ name }) => !/^binaryCrossEntropyWithLogits\/.*-none$/.test(name))

/** Largest error allowed, in units of the reference value or of the largest one (0.01 to 1), whichever is more. */
const tolerance = 1e-5

/** Where float32 cannot be that good, and why. */
const looser: Readonly<Record<string, number>> = {
  // 100 − mean(…) loses two of seven digits, and a sum of 1000 leaves four behind the point.
  'layerNorm/large-mean': 1e-4,
  'logSumExp/large/gradient': 5e-5,
}

describe('values and gradients in float64 by PyTorch', () => {
  const operations = [...new Set(cases.map(({ op }) => op))]
  it.each(operations)('%s', async (op) => {
    const group = cases.filter((each) => each.op === op)
    const parts = group.map(build)
    const results = await evaluate(
      Object.assign({}, ...parts.map(({ outputs }) => outputs)),
      Object.assign({}, ...parts.map(({ feeds }) => feeds)),
    )
    for (const { expected } of parts) {
      for (const [name, array] of Object.entries(expected)) expectClose(name, results[name]!, array)
    }
  })
})

/** Ops that PyTorch has no golden case for, and the tests that hold them. */
const testedElsewhere: Partial<Record<OpName, string>> = {
  input: 'src/graph/onnx/write-onnx.test.ts',
  constant: 'src/graph/onnx/write-onnx.test.ts',
  conv: 'src/graph/ops/convolution.test.ts',
  convTranspose: 'src/graph/ops/convolution.test.ts',
  maxPool: 'src/graph/ops/convolution.test.ts',
  detach: 'src/graph/ops/elementwise.test.ts',
  reshapeTo: 'src/graph/checkpoint.test.ts',
  packRows: 'src/graph/functions/packed-rows.test.ts',
  padRows: 'src/graph/functions/packed-rows.test.ts',
  quantize: 'src/graph/ops/quantization.test.ts',
  dequantize: 'src/graph/ops/quantization.test.ts',
  matmulBits: 'src/graph/ops/quantization.test.ts',
}

it('every op of the table is held against PyTorch or tested elsewhere', () => {
  const golden = new Set<string>(cases.map(({ op }) => op))
  const missing = Object.keys(ops).filter((name) => !golden.has(name))
  expect(missing.sort()).toEqual(Object.keys(testedElsewhere).sort())
})

/** A case as a graph, its feeds and its expected results; all names begin with the case's. */
function build({ op, name, inputs, attributes, outputs, upstreams, gradients }: GoldenCase) {
  const leaf = (role: string, i: number, { shape, dtype }: HostArray) =>
    input(`${name}/${role}${i}`, shape, dtype)
  const leaves = inputs.map((array, i) => leaf('input', i, array))
  const ys = buildOperation(op, leaves, attributes)
  if (!ys) throw new Error(`${name}: tell pytorch-builders.ts how '${op}' is written`)
  const incoming = ys.flatMap((y, i) => (upstreams[i] ? [{ y, dy: leaf('upstream', i, upstreams[i]) }] : []))
  const wanted = leaves.filter((_, i) => gradients[i])
  const found = gradientsOf(incoming, wanted)
  const results: [string, Tensor, HostArray][] = [
    ...ys.map((y, i) => [`${name}/output${i}`, y, outputs[i]!] as [string, Tensor, HostArray]),
    ...wanted.map((x, i) => {
      const position = leaves.indexOf(x)
      return [`${name}/gradient${position}`, found[i]!, gradients[position]!] as [string, Tensor, HostArray]
    }),
  ]
  return {
    outputs: Object.fromEntries(results.map(([key, tensor]) => [key, tensor])),
    expected: Object.fromEntries(results.map(([key, , array]) => [key, array])),
    feeds: Object.fromEntries([
      ...inputs.map((array, i) => [`${name}/input${i}`, array] as const),
      ...upstreams.flatMap((array, i) => (array ? [[`${name}/upstream${i}`, array] as const] : [])),
    ]),
  }
}

function expectClose(name: string, actual: readonly number[], expected: HostArray): void {
  const reference = Array.from(expected.data as ArrayLike<number | bigint>, Number)
  expect(actual, name).toHaveLength(reference.length)
  const largest = Math.max(...reference.map(Math.abs))
  const floor = Math.min(1, Math.max(1e-2, largest))
  const errors = reference.map((value, i) => Math.abs(value - actual[i]!) / Math.max(Math.abs(value), floor))
  const key = Object.keys(looser).find((prefix) => name.startsWith(prefix))
  expect(Math.max(...errors), name).toBeLessThan(key ? looser[key]! : tolerance)
}
