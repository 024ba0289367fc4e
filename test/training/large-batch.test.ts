import { expect, it } from 'vitest'
import { type Batch, float32, int64 } from '../../src/core/index.ts'
import { type CompileOptions, Engine } from '../../src/engine/index.ts'
import { rewrite, type Tensor, topologicalOrder, unpackRows } from '../../src/graph/index.ts'
import { adamW } from '../../src/optim/index.ts'
import { alone, contrastiveTask, prepareTraining, splitBatch } from '../../src/training/index.ts'
import { smallClip } from './synthetic-run.ts'

/** An engine that counts the bytes of all values of its programs, as their graphs have them. */
class CountingEngine extends Engine {
  readonly bytes: number[] = []

  override compile(outputs: Readonly<Record<string, Tensor>>, options?: CompileOptions) {
    // The number of packed rows is known only when a program runs: count all, with the padding.
    const nodes = topologicalOrder(Object.values(rewrite(unpackRows(outputs))))
    const values = nodes.flatMap((node) => (node.inputs.length > 0 ? [...node.outputs] : []))
    this.bytes.push(values.reduce((sum, { size }) => sum + 4 * size, 0))
    return super.compile(outputs, options)
  }
}

/** Numbers from −1 to 1 without an order that a model could find. */
const spread = (length: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.sin(i * 12.9898 + ((i * i) % 8191) * 78.233))

function batchOf(count: number): Batch {
  const ids = Array.from({ length: count }, (_, i) => String(i))
  const tokens = Array.from({ length: count * 8 }, (_, i) => {
    const place = i % 8
    return place === 0 ? 62 : place === 7 ? 63 : Math.floor(Math.floor(i / 8) / 5 ** (place - 1)) % 62
  })
  return {
    ids,
    arrays: {
      pixelValues: float32([count, 3, 16, 16], spread(count * 768)),
      inputIds: int64([count, 8], tokens),
      concepts: int64([count], ids.map(Number)),
    },
  }
}

/** Loss and gradients of the batch in pieces, and the bytes of each program: features, loss, gradients of features. */
async function step(batch: Batch, size: number) {
  const engine = new CountingEngine()
  const task = contrastiveTask(smallClip())
  const { state } = await prepareTraining({ task, engine, optimizer: adamW(), seed: 5 })
  const before = engine.bytes.length
  const { loss } = await task.computeGradients(splitBatch(batch, size), state, alone)
  const read = [...(await state.gradients.read())].map(([name, { data }]) => [name, data.slice()] as const)
  return { loss, gradients: new Map(read), bytes: engine.bytes.slice(before) }
}

const norm = (values: Float32Array) => Math.hypot(...values)

it('a contrastive batch of 4,096 has the gradient of the whole, and its towers the memory of 256', async () => {
  const batch = batchOf(4096)
  const [whole, cached] = [await step(batch, 4096), await step(batch, 256)]
  const small = await step(batchOf(256), 256)
  expect(Math.abs(cached.loss - whole.loss)).toBeLessThan(1e-5 * whole.loss)
  const all = Math.hypot(...[...whole.gradients.values()].map(norm))
  for (const [name, values] of whole.gradients) {
    const error = norm(values.map((value, i) => value - cached.gradients.get(name)![i]!))
    expect(error, name).toBeLessThan(1e-5 * all)
  }
  // The loss compares all samples, 4,096² similarities, in any case. The features, and their gradients on the way back,
  // take no more than a whole step of 256 samples.
  const [features, , inject] = cached.bytes as [number, number, number]
  expect(cached.bytes).toHaveLength(3)
  expect(Math.max(features, inject)).toBeLessThan(1.02 * small.bytes[0]!)
  expect(whole.bytes[0]! - cached.bytes[1]!).toBeGreaterThan(8 * small.bytes[0]!)
})
