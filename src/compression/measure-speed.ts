import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { type Batch, gatherRows, type HostArray } from '../core/index.ts'
import { framesGraphName } from '../deploy/index.ts'
import { Engine, type Program } from '../engine/index.ts'
import { bootstrapStatistic, type Estimate } from '../metrics/index.ts'
import { feedsOf } from './feeds.ts'

/** Numbers of samples that are computed at once. */
export const batchSizes = [1, 32] as const

/** Something measured of a model before and after its compression. */
export interface BeforeAfter<Value = Estimate> {
  readonly before: Value
  readonly after: Value
}

/** Speed of one graph of a model at one batch size. */
export interface Speed {
  /** Name of the ONNX file, without its ending. */
  readonly graph: string
  readonly batch: number
  /** Median of the time of a run, with its interval. */
  readonly latencySeconds: BeforeAfter
  /** Ratio of the medians, after / before, with the interval of runs drawn in pairs. */
  readonly latencyRatio: Estimate
  /** Samples in a second at this median. */
  readonly samplesPerSecond: BeforeAfter
  /** Number of runs of each. */
  readonly runs: number
}

/** Options of {@link measureSpeed}. */
export interface SpeedOptions {
  readonly seed: number
  readonly threads?: number | undefined
  /** Most runs of a graph. Default 60. */
  readonly runs?: number
  /** Seconds after which no further run of a graph begins, once there were five. Default 4. */
  readonly seconds?: number
}

/**
 * Latency and throughput of every graph of a model in two bundles, on samples of real data: one run of each in turns, so that what
 * else the machine does meets both alike.
 */
export async function measureSpeed(
  folders: BeforeAfter<string>,
  samples: Batch,
  options: SpeedOptions,
): Promise<Speed[]> {
  const engine = new Engine(options.threads === undefined ? {} : { threads: options.threads })
  const found: Speed[] = []
  for (const graph of graphNames(folders.after)) {
    const load = (folder: string) => engine.load(readFileSync(graphFile(folder, graph)), { optimize: true })
    const programs = { before: await load(folders.before), after: await load(folders.after) }
    for (const batch of batchSizes) found.push(await inTurns(programs, samples, { graph, batch }, options))
    for (const program of Object.values(programs)) await program.release()
  }
  return found
}

/** Names of the ONNX files of a folder that are graphs of its model, in order: not that of a camera's frames. */
export const graphNames = (folder: string): string[] =>
  readdirSync(join(folder, 'onnx'))
    .filter((name) => name.endsWith('.onnx'))
    .map((name) => name.slice(0, -'.onnx'.length))
    .filter((name) => name !== framesGraphName)
    .sort()

export const graphFile = (folder: string, graph: string): string => join(folder, 'onnx', `${graph}.onnx`)

/** `count` rows of every array of a batch; rows come again where there are fewer. */
export function rowsOf({ ids, arrays }: Batch, count: number): Batch {
  const rows = Array.from({ length: count }, (_, row) => row % ids.length)
  return {
    ids: rows.map((row) => ids[row]!),
    arrays: Object.fromEntries(
      Object.entries(arrays).map(([name, array]): [string, HostArray] => [name, gatherRows(array, rows)]),
    ),
  }
}

async function inTurns(
  programs: BeforeAfter<Program>,
  samples: Batch,
  { graph, batch }: Pick<Speed, 'graph' | 'batch'>,
  { seed, runs = 60, seconds = 4 }: SpeedOptions,
): Promise<Speed> {
  const rows = rowsOf(samples, batch)
  const feeds = { before: feedsOf(programs.before, rows), after: feedsOf(programs.after, rows) }
  const times: BeforeAfter<number[]> = { before: [], after: [] }
  const warmUps = 2
  const begin = performance.now()
  for (let run = 0; run < runs + warmUps; run++) {
    if (run >= warmUps + 5 && performance.now() - begin > 1000 * seconds) break
    const order = run % 2 === 0 ? (['before', 'after'] as const) : (['after', 'before'] as const)
    for (const which of order) {
      const start = performance.now()
      await programs[which].run(feeds[which])
      if (run >= warmUps) times[which].push((performance.now() - start) / 1000)
    }
  }
  const count = times.before.length
  const estimate = (statistic: (rows: Int32Array) => number) => bootstrapStatistic(count, statistic, { seed })
  const latencySeconds = mapBoth(times, (own) => estimate((rows) => medianOf(own, rows)))
  const latencyRatio = estimate((rows) => medianOf(times.after, rows) / medianOf(times.before, rows))
  const rate = ({ value, interval: [low, high] }: Estimate): Estimate => ({
    value: batch / value,
    interval: [batch / high, batch / low],
  })
  return {
    ...{ graph, batch, latencySeconds, latencyRatio, runs: count },
    samplesPerSecond: mapBoth(latencySeconds, rate),
  }
}

/** The same of both. */
export const mapBoth = <In, Out>(
  { before, after }: BeforeAfter<In>,
  change: (value: In) => Out,
): BeforeAfter<Out> => ({ before: change(before), after: change(after) })

/** Median of the numbers in these rows. */
function medianOf(values: readonly number[], rows: Int32Array): number {
  const sorted = Float64Array.from(rows, (row) => values[row]!).sort()
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}
