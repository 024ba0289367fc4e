import { type Batch, DataError, type HostArray, random } from '../../core/index.ts'
import { type Arena, type Engine, toHost } from '../../engine/index.ts'
import { input, symbolicPrimes } from '../../graph/index.ts'
import {
  actionNormalization,
  type ChunkPolicyConfig,
  type ChunkPolicyModel,
  chunkGraphInputs,
  chunkKeys,
  chunkLeaves,
  graphOverArena,
  observationOf,
} from '../../models/index.ts'
import { keepAll } from '../../nn/index.ts'
import type { Evaluate } from '../strategies/define-task.ts'
import { Leaves } from '../strategies/leaves.ts'
import { chunkLosses, drawFor } from './chunk-task.ts'

const [prime] = symbolicPrimes

/** A policy that answers chunks of actions for prepared batches. */
export interface ChunkRunner {
  /** @param feeds Arrays by the names of the graph's inputs. @returns [batch, chunk, numbers], in the units of the data. */
  run(feeds: Readonly<Record<string, HostArray>>): Promise<Float32Array>
}

/** Errors of a policy on held-out data. */
export interface ChunkMetrics {
  /** Mean |â − a| over all numbers of actions that are no padding, each divided by its normalization's scale. */
  readonly error: number
  /** The same of the first action of each chunk. */
  readonly firstError: number
  readonly [name: string]: number
}

/** Errors of one sample: sums, and the number of numbers. */
export interface ChunkErrors {
  readonly sum: number
  readonly count: number
}

/** Arrays of a batch by the names of the graph's inputs; the noise of `flow` is drawn by the samples' ids. */
export function chunkFeeds(
  config: ChunkPolicyConfig,
  { ids, arrays }: Batch,
): Readonly<Record<string, HostArray>> {
  const names = chunkGraphInputs
  const found = {
    ...(config.cameras.length > 0 && { [names.pixels]: arrays.pixelValues! }),
    ...(config.state_size > 0 && { [names.state]: arrays[chunkKeys.state]! }),
    ...(config.text_config && { [names.text]: arrays.inputIds! }),
  }
  if (config.head !== 'flow') return found
  const { noise } = drawFor({ config }, ids, (id) => random(0, 'evaluation noise', id))
  return { ...found, [names.noise]: noise! }
}

/**
 * Errors of a policy over a data set.
 * @param onSample Receiver of the errors of each sample. @throws DataError `data/empty` for data without samples.
 */
export async function chunkMetrics(
  runner: ChunkRunner,
  config: ChunkPolicyConfig,
  batches: AsyncIterable<Batch>,
  onSample: (id: string, errors: ChunkErrors) => void = () => {},
): Promise<ChunkMetrics> {
  const [all, first] = [new Sums(), new Sums()]
  const { chunk_size, action_size } = config
  const { scale } = actionNormalization(config)
  for await (const batch of batches) {
    const predicted = await runner.run(chunkFeeds(config, batch))
    const actual = batch.arrays[chunkKeys.action]!.data as Float32Array
    const isPad = batch.arrays[chunkKeys.isPad]!.data
    for (const [row, id] of batch.ids.entries()) {
      const own = new Sums()
      for (let step = 0; step < chunk_size; step++) {
        if (Number(isPad[row * chunk_size + step]) > 0) continue
        for (let i = 0; i < action_size; i++) {
          const at = (row * chunk_size + step) * action_size + i
          const error = Math.abs(predicted[at]! - actual[at]!) * Math.abs(scale[i]!)
          own.add(error)
          if (step === 0) first.add(error)
        }
      }
      all.join(own)
      onSample(id, own)
    }
  }
  if (all.count === 0) throw new DataError('data/empty', 'nothing can be measured: the data has no samples')
  return { error: all.sum / all.count, firstError: first.sum / first.count }
}

class Sums implements ChunkErrors {
  sum = 0
  count = 0

  add(value: number): void {
    this.sum += value
    this.count += 1
  }

  join({ sum, count }: ChunkErrors): void {
    this.sum += sum
    this.count += count
  }
}

/**
 * The validation of a policy in training: `loss`, with noise that is the same each time and no dropout, and the errors of its
 * answers.
 */
export const chunkEvaluator =
  (model: ChunkPolicyModel) =>
  async (engine: Engine, values: Arena): Promise<Evaluate> => {
    const { config } = model
    const answers = await graphOverArena(engine, model, values, () => {
      const { leaves, symbolicSizes } = chunkLeaves(config)
      const action = model.forward(observationOf(leaves), leaves[chunkGraphInputs.noise])
      return { outputs: { action }, symbolicSizes }
    })
    const lossOf = await lossGraph(engine, model, values)
    return async (batches) => {
      const losses: number[] = []
      const watched = async function* () {
        for await (const batch of batches) {
          losses.push(...(await lossOf(batch)))
          yield batch
        }
      }
      const runner = { run: async (feeds: Readonly<Record<string, HostArray>>) => toHost((await answers(feeds)).action!, 'float32') }
      const errors = await chunkMetrics(runner, config, watched())
      return { loss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length, ...errors }
    }
  }

/** The losses of the samples of a batch, without dropout. */
async function lossGraph(engine: Engine, model: ChunkPolicyModel, values: Arena) {
  const { config } = model
  const { leaves } = chunkLeaves(config)
  const { pixels, state, text } = chunkGraphInputs
  const arraysOf = { [pixels]: 'pixelValues', [state]: chunkKeys.state, [text]: 'inputIds' }
  const seen = Object.entries(leaves).flatMap(([name, leaf]) =>
    arraysOf[name] ? [[arraysOf[name], leaf] as const] : [],
  )
  const sizes = drawFor(model, ['shape'], () => random(0, 'shape'))
  const drawn = Object.entries(sizes).map(
    ([name, { shape }]) => [name, input(name, [prime, ...shape.slice(1)])] as const,
  )
  const { chunk_size, action_size } = config
  const arrays = Object.fromEntries([
    ...seen.map(([name, { shape, dtype }]) => [name, { shape, dtype }] as const),
    ...drawn.map(([name, { shape, dtype }]) => [name, { shape, dtype }] as const),
    [chunkKeys.action, { shape: [prime, chunk_size, action_size], dtype: 'float32' as const }],
    [chunkKeys.isPad, { shape: [prime, chunk_size], dtype: 'float32' as const }],
  ])
  const built = new Leaves(arrays, keepAll)
  const { sampleLosses } = chunkLosses(model, built)
  const symbolicSizes = built.names.map((name) => ({ prime, name: 'batch', input: built.get(name), axis: 0 }))
  const run = await graphOverArena(engine, model, values, () => ({
    outputs: { losses: sampleLosses! },
    symbolicSizes,
  }))
  return async ({ ids, arrays: given }: Batch): Promise<Float32Array> => {
    const drawnNow = drawFor(model, ids, (id) => random(0, 'evaluation', id))
    const feeds = Object.fromEntries(
      built.names.map((name) => [name, floats(drawnNow[name] ?? given[name]!, name)] as const),
    )
    return toHost((await run(feeds)).losses!, 'float32')
  }
}

/** An array as float32; token ids stay as they are. */
const floats = (array: HostArray, name: string): HostArray =>
  name === 'inputIds' || array.dtype === 'float32'
    ? array
    : { dtype: 'float32', shape: array.shape, data: Float32Array.from(array.data as ArrayLike<number>, Number) }
