import { expect, it } from 'vitest'
import { type Batch, int64, random } from '../../src/core/index.ts'
import { type CompileOptions, Engine, toHost } from '../../src/engine/index.ts'
import { input, type Tensor, topologicalOrder, unpackRows } from '../../src/graph/index.ts'
import { addAdapters, type DualEncoder, recomputeLayers } from '../../src/models/index.ts'
import { namedParameters } from '../../src/nn/index.ts'
import { adamW } from '../../src/optim/index.ts'
import { alone, contrastiveTask, prepareTraining } from '../../src/training/index.ts'
import { smallClip, smallSiglip, syntheticBatch } from './synthetic-run.ts'

/** An engine that computes padding, as every device but the CPU does. */
class PaddedEngine extends Engine {
  override compile(outputs: Readonly<Record<string, Tensor>>, options?: CompileOptions) {
    return super.compile(unpackRows(outputs), options)
  }
}

/** Captions of one to seven tokens, the rest filled with the end token, as CLIP fills. */
function batchOf(number: number): Batch {
  const batch = syntheticBatch(8, number)
  const stream = random(3, 'lengths', number)
  const rows = Array.from({ length: 8 }, () => {
    const words = stream.integer(7)
    return [62, ...Array.from({ length: 7 }, (_, i) => (i < words ? stream.integer(62) : 63))]
  })
  return { ...batch, arrays: { ...batch.arrays, inputIds: int64([8, 8], rows.flat()) } }
}

async function run(
  engine: Engine,
  pieces: (batch: Batch) => Batch[] = (batch) => [batch],
  makeTask = () => contrastiveTask(smallClip()),
) {
  const task = makeTask()
  const optimizer = adamW({ learningRate: 3e-3, weightDecay: 0.1 })
  const { state, update } = await prepareTraining({ task, engine, optimizer, clipNorm: 1, seed: 5 })
  const losses: number[] = []
  const gradients: Float32Array[] = []
  for (let step = 1; step <= 6; step++) {
    losses.push((await task.computeGradients(pieces(batchOf(step)), state, alone)).loss)
    if (step === 1)
      for (const { data } of (await state.gradients.read()).values()) gradients.push(data.slice())
    await update.apply(state, 3e-3)
  }
  return { losses, gradients }
}

const halves = ({ ids, arrays }: Batch): Batch[] =>
  [0, 4].map((start) => ({
    ids: ids.slice(start, start + 4),
    arrays: Object.fromEntries(
      Object.entries(arrays).map(([name, array]) => {
        const width = array.data.length / 8
        const data = array.data.subarray(start * width, (start + 4) * width)
        return [name, { ...array, shape: [4, ...array.shape.slice(1)], data } as typeof array]
      }),
    ),
  }))

it.each([
  ['at once', undefined],
  ['in micro-batches', halves],
])('a CLIP learns the same without its padding, %s', async (_, pieces) => {
  const [packed, padded] = [await run(new Engine(), pieces), await run(new PaddedEngine(), pieces)]
  packed.losses.forEach((loss, step) => {
    expect(Math.abs(loss / padded.losses[step]! - 1), `step ${step + 1}`).toBeLessThan(1e-5)
  })
  expect(Math.abs(packed.losses[0]! / padded.losses[0]! - 1)).toBeLessThan(1e-6)
  const largest = Math.max(...padded.gradients.flatMap((values) => [...values].map(Math.abs)))
  for (const [i, values] of packed.gradients.entries()) {
    const worst = Math.max(...values.map((value, k) => Math.abs(value - padded.gradients[i]![k]!)))
    expect(worst / largest).toBeLessThan(1e-6)
  }
})

/** The task of a CLIP with adapters at every map of its towers. */
const adaptedTask = (dropout: number) => () => {
  const adapters = { rank: 2, alpha: 2, dropout, targetModules: ['*_proj', '*.fc1'], useRslora: false }
  return contrastiveTask(addAdapters(smallClip(), adapters), { seed: 3 })
}

it.each([
  ['at once', undefined],
  ['in micro-batches', halves],
])('adapters drop the same numbers of packed texts as of padded ones, %s', async (_, pieces) => {
  const [packed, padded, kept] = [
    await run(new Engine(), pieces, adaptedTask(0.5)),
    await run(new PaddedEngine(), pieces, adaptedTask(0.5)),
    await run(new Engine(), pieces, adaptedTask(0)),
  ]
  packed.losses.forEach((loss, step) => {
    expect(Math.abs(loss / padded.losses[step]! - 1), `step ${step + 1}`).toBeLessThan(1e-5)
  })
  expect(packed.losses[0], 'B is zero at first').toBeCloseTo(kept.losses[0]!, 5)
  expect(Math.abs(packed.losses.at(-1)! / kept.losses.at(-1)! - 1)).toBeGreaterThan(1e-4)
})

it('adapters drop the same numbers where layers are computed again', async () => {
  const again = () => {
    const adapters = { rank: 2, alpha: 2, dropout: 0.5, targetModules: ['*_proj', '*.fc1'], useRslora: false }
    return contrastiveTask(recomputeLayers(addAdapters(smallClip(), adapters), true), { seed: 3 })
  }
  const [kept, recomputed] = [
    await run(new Engine(), undefined, adaptedTask(0.5)),
    await run(new Engine(), undefined, again),
  ]
  recomputed.losses.forEach((loss, step) => {
    expect(Math.abs(loss / kept.losses[step]! - 1), `step ${step + 1}`).toBeLessThan(1e-5)
  })
})

it('the same batches give the same bits again', async () => {
  const [one, other] = [await run(new Engine()), await run(new Engine())]
  expect(one).toEqual(other)
})

it('a text is encoded the same alone, in a batch, and with a mask of its padding', async () => {
  const engine = new Engine({ threads: 1 })
  const model = smallClip()
  const weights = Object.fromEntries(
    [...namedParameters(model)].map(([name, { shape, initialize }]) => [
      name,
      { dtype: 'float32', shape, data: initialize(shape, random(2, name)) } as const,
    ]),
  )
  const encode = async (rows: number[][], masked = false) => {
    const shape = [rows.length, 8]
    const mask = masked ? input('mask', shape, 'int64') : undefined
    const program = await engine.compile({ y: model.encodeText(input('ids', shape, 'int64'), mask) })
    const feeds = { ...weights, ids: int64(shape, rows.flat()), mask: int64(shape, rows.flat().map(isToken)) }
    const fed = Object.fromEntries(
      program.inputNames.map((name) => [name, feeds[name as keyof typeof feeds]!]),
    )
    const { y } = await program.run(fed)
    await program.release()
    return Array.from(await toHost(y!, 'float32'))
  }
  const isToken = (_: number, i: number) => (i % 8 <= 3 ? 1 : 0)
  const text = [62, 5, 9, 63, 63, 63, 63, 63]
  const alone = await encode([text])
  const close = alone.map((value) => expect.closeTo(value, 5))
  expect((await encode([[62, 1, 2, 3, 4, 5, 6, 63], text])).slice(16)).toEqual(close)
  expect(await encode([text], true)).toEqual(close)
  // No end token: the first token is read.
  expect(await encode([[62, 1, 2, 3, 4, 5, 6, 7]])).toEqual(
    (await encode([[62, 9, 9, 9, 9, 9, 9, 9]])).map((value) => expect.closeTo(value, 5)),
  )
})

it('a SigLIP, which reads its padding, packs nothing', () => {
  const opsOf = (model: DualEncoder) => {
    namedParameters(model)
    return topologicalOrder([model.encodeText(input('ids', [2, 8], 'int64'))]).map(({ op }) => op)
  }
  expect(opsOf(smallSiglip())).not.toContain('packRows')
  expect(opsOf(smallClip())).toContain('packRows')
})
