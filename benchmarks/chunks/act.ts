import {
  AsynchronousChunks,
  type Chunk,
  type ChunkObservation,
  ChunkPolicyRuntime,
  ensembledChunks,
  queuedChunks,
  seamJerk,
} from '../../src/deploy/index.ts'
import { type ControlPolicy, Delay, drawActions, tryControl } from '../../src/evaluation/index.ts'
import { mean, wilson } from '../../src/metrics/index.ts'
import { controlRate, datasetDefaults, SceneMaker, World } from '../../src/world/index.ts'

/** Ways from chunks to actions. */
export const ways = ['queue', 'ensemble', 'asynchronous'] as const
export type Way = (typeof ways)[number]

/** What came of a policy in held-out scenes. */
export interface Acted {
  readonly way: Way
  /** Injected latency, milliseconds. */
  readonly latency: number
  readonly successes: number
  readonly episodes: number
  readonly interval: readonly [number, number]
  /**
   * Mean jerk of the hand's targets where chunks meet, and elsewhere, m/s³; of asynchronous chunks, and of a queue without
   * latency.
   */
  readonly seams?: number
  readonly elsewhere?: number
  /** Mean seconds of the episodes that succeeded; undefined without any. */
  readonly seconds?: number
}

interface Conditions {
  readonly way: Way
  readonly latency: number
  readonly episodes: number
  readonly seed: number
}

/** Steps behind a seam whose jerk it changes: jerk is a third difference. */
const seamWidth = 3

/** Names of the hand's position among the numbers of an action. */
const handNames = ['ee.x', 'ee.y', 'ee.z']

/** Let a policy pick things up in held-out scenes, its actions taken one way, its answers late by so many milliseconds. */
export async function act(directory: string, { way, latency, episodes, seed }: Conditions): Promise<Acted> {
  const policy = await ChunkPolicyRuntime.load(directory, { threads: 1 })
  const { chunk_size: chunk, action_names: names } = policy.config
  const hand = handNames.map((name) => names?.indexOf(name) ?? -1)
  if (hand.includes(-1))
    throw new Error(`${directory}: its actions are no poses of the hand (${handNames.join(', ')})`)
  const options = { ...datasetDefaults, scenes: 1, commands: 1, captions: 1, seed }
  const maker = await SceneMaker.open(options)
  const world = await World.open()
  const jerks: { readonly atSeams: number; readonly elsewhere: number }[] = []
  const seconds: number[] = []
  try {
    for (const episode of drawActions(maker, 'heldOutScenes', 'pick', episodes)) {
      const delay = new Delay(Math.round((latency / 1000) * controlRate))
      const predict = delay.late(
        async (seen: ChunkObservation): Promise<Chunk> => (await policy.act(seen)).actions,
      )
      const { stream, seams } = streamOf(way, predict, chunk)
      const controlled: ControlPolicy = {
        config: policy.config,
        reset: () => policy.reset(),
        stream: () => stream,
      }
      const actions: (readonly number[])[] = []
      const eyes = { size: policy.description.image.size, smooth: false, seed }
      const { outcome } = await tryControl(world, controlled, episode, 'picking', eyes, {
        delay,
        onStep: (action) => void actions.push(hand.map((i) => action[i]!)),
      })
      if (outcome.success) seconds.push(outcome.measures.seconds!)
      if (way === 'asynchronous' || (way === 'queue' && latency === 0))
        jerks.push(seamJerk(actions, seams(actions.length), 1 / controlRate))
    }
  } finally {
    world.dispose()
  }
  const { interval } = wilson(seconds.length, episodes)
  const average = (values: readonly number[]) => mean(Float32Array.from(values))
  // Of chunks whose every step is near a seam there is no elsewhere.
  const jerk = jerks.length > 0 && {
    seams: average(jerks.map(({ atSeams }) => atSeams)),
    ...(chunk / 2 > seamWidth && { elsewhere: average(jerks.map(({ elsewhere }) => elsewhere)) }),
  }
  return {
    way,
    latency,
    successes: seconds.length,
    episodes,
    interval,
    ...jerk,
    ...(seconds.length > 0 && { seconds: average(seconds) }),
  }
}

function streamOf(way: Way, predict: (seen: ChunkObservation) => Promise<Chunk>, chunk: number) {
  if (way === 'ensemble') {
    return { stream: ensembledChunks(predict, { coefficient: 0.01, chunk }), seams: () => [] }
  }
  if (way === 'asynchronous') {
    const stream = new AsynchronousChunks(predict, { ask: chunk / 2 })
    return { stream, seams: () => stream.seams }
  }
  const steps = Math.max(1, chunk / 2)
  const seams = (length: number) =>
    Array.from({ length: Math.floor((length - 1) / steps) }, (_, i) => (i + 1) * steps)
  return { stream: queuedChunks(predict, steps), seams }
}
