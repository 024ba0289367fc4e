import { z } from 'zod'
import { tolerance } from '../agreement.ts'
import { writeCase } from '../case-files.ts'
import type { Case } from '../cases.ts'
import { Child, ChildFailure } from '../child.ts'
import { type ContestantName, contestantLaunch, patience } from '../contestants.ts'
import { alternate } from '../rounds.ts'
import { median, quantile } from '../statistics.ts'
import { progress } from './progress.ts'

/** Encoding images: how long one takes, and how many a second go through together. */
export type InferenceResult =
  | { readonly skipped: string }
  | {
      readonly latencyMilliseconds: { readonly p50: number; readonly p99: number }
      readonly imagesPerSecond: number
    }

/** Who encodes images; the peers in JavaScript compete in training only. */
const competitors = ['visuomotor', 'torchEager', 'torchCompile'] as const satisfies ContestantName[]

/** Batch 1 in one turn, for enough values to tell the slowest hundredth; and larger batches. */
const singles = 100
const batches = 5

const ready = z.object({ features: z.array(z.number()) })
const times = z.object({ milliseconds: z.array(z.number()) })

interface Entrant {
  readonly child: Child
  readonly singleTimes: number[]
  readonly batchTimes: number[]
}

/** @param batch How many images go through together. */
export async function measureInference(
  directory: string,
  testCase: Case,
  names: readonly ContestantName[],
): Promise<Partial<Record<ContestantName, InferenceResult>>> {
  writeCase(directory, testCase)
  const batch = Math.min(32, testCase.batchSize)
  const results: Partial<Record<ContestantName, InferenceResult>> = {}
  const entrants = new Map<ContestantName, Entrant>()
  let expected: readonly number[] | undefined
  for (const name of competitors.filter((name) => names.includes(name))) {
    progress(`${name}: first images`)
    const child = new Child(contestantLaunch(name, { directory, mode: 'infer' }))
    try {
      const { features } = await child.reply(ready, patience[name])
      expected ??= features
      requireEqualFeatures(features, expected)
      for (const size of [1, batch]) await child.ask({ batch: size, runs: 3 }, times)
      entrants.set(name, { child, singleTimes: [], batchTimes: [] })
    } catch (error) {
      if (!(error instanceof ChildFailure)) throw error
      results[name] = { skipped: error.message }
      await child.end()
    }
  }
  await alternate([...entrants.values()].map((entrant) => () => takeTurn(entrant, batch)))
  for (const [name, { child, singleTimes, batchTimes }] of entrants) {
    results[name] = {
      latencyMilliseconds: { p50: median(singleTimes), p99: quantile(singleTimes, 0.99) },
      imagesPerSecond: (batch / median(batchTimes)) * 1000,
    }
    await child.end()
  }
  return results
}

async function takeTurn({ child, singleTimes, batchTimes }: Entrant, batch: number): Promise<void> {
  singleTimes.push(...(await child.ask({ batch: 1, runs: singles }, times)).milliseconds)
  batchTimes.push(...(await child.ask({ batch, runs: batches }, times)).milliseconds)
}

/** @throws ChildFailure when unit vectors differ by more than the tolerance. */
function requireEqualFeatures(actual: readonly number[], expected: readonly number[]): void {
  const apart = expected.map((value, i) => Math.abs(value - (actual[i] ?? Number.NaN)))
  if (apart.every((difference) => difference <= tolerance)) return
  throw new ChildFailure(`its features differ from ours by ${Math.max(...apart)}`)
}
