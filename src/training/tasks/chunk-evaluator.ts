import { type Batch, type HostArray, random } from '../../core/index.ts'
import { type Arena, type Engine, toHost } from '../../engine/index.ts'
import { input, symbolicPrimes } from '../../graph/index.ts'
import {
  type ChunkPolicyModel,
  type ChunkRunner,
  chunkGraphInputs,
  chunkKeys,
  chunkLeaves,
  graphOverArena,
  observationOf,
} from '../../models/index.ts'
import { keepAll } from '../../nn/index.ts'
import type { Evaluate } from '../strategies/define-task.ts'
import { Leaves } from '../strategies/leaves.ts'
import type { Metrics } from '../task.ts'
import { chunkLosses, drawFor } from './chunk-loss.ts'
import { chunkMetrics } from './chunk-metrics.ts'

const [prime] = symbolicPrimes

/** Function that lets a policy act while it learns, such as in a simulated world, and measures how well it does. */
export type Trials = (policy: ChunkRunner) => Promise<Metrics>

/**
 * The validation of a policy in training: `loss`, with noise that is the same each time and no dropout, the errors of its
 * answers, and what trials measure.
 */
export const chunkEvaluator =
  (model: ChunkPolicyModel, trials?: Trials) =>
  async (engine: Engine, values: Arena): Promise<Evaluate> => {
    const answers = await answersOf(engine, model, values)
    const lossOf = await lossGraph(engine, model, values)
    return async (batches) => {
      const losses: number[] = []
      const watched = async function* () {
        for await (const batch of batches) {
          losses.push(...(await lossOf(batch)))
          yield batch
        }
      }
      const errors = await chunkMetrics(answers, model.config, watched())
      const loss = losses.reduce((sum, each) => sum + each, 0) / losses.length
      return { loss, ...errors, ...(await trials?.(answers)) }
    }
  }

/** A policy over the arena of its parameters, ready to answer; it follows when they change. */
export async function answersOf(
  engine: Engine,
  model: ChunkPolicyModel,
  values: Arena,
): Promise<ChunkRunner> {
  const run = await graphOverArena(engine, model, values, () => {
    const { leaves, symbolicSizes } = chunkLeaves(model.config)
    const action = model.forward(observationOf(leaves), leaves[chunkGraphInputs.noise])
    return { outputs: { action }, symbolicSizes }
  })
  return { run: async (feeds) => toHost((await run(feeds)).action!, 'float32') }
}

/** The losses of the samples of a batch, without dropout. */
async function lossGraph(engine: Engine, model: ChunkPolicyModel, values: Arena) {
  const { config } = model
  const { leaves } = chunkLeaves(config)
  const { pixels, state, text } = chunkGraphInputs
  const arraysOf: Readonly<Record<string, string>> = {
    [pixels]: 'pixelValues',
    [state]: chunkKeys.state,
    [text]: 'inputIds',
  }
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
    : {
        dtype: 'float32',
        shape: array.shape,
        data: Float32Array.from(array.data as ArrayLike<number>, Number),
      }
