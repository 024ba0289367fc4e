import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loader } from '../../src/data/index.ts'
import { trainingOptions } from '../../src/recipes/batches.ts'
import {
  type ExperimentInput,
  type PreparedRun,
  prepareRun,
  recipes,
  trainRun,
} from '../../src/recipes/index.ts'
import { progress } from './progress.ts'

/** How fast data comes, and how long training waits for it. */
export interface LoaderMeasurement {
  /** Nothing but the loader, over images it has not seen: decoded and augmented. */
  readonly decodedImagesPerSecond: number
  /** The same over images it has decoded before: augmented. */
  readonly cachedImagesPerSecond: number
  /** Two epochs of the main job: part of the time spent waiting. */
  readonly mainJob: { readonly dataWaitFraction: number; readonly samplesPerSecond: number }
}

/** @param share How much of an epoch is loaded and trained on, in (0, 1]; less only to see that it works. */
export async function measureLoader(share = 1): Promise<LoaderMeasurement> {
  const directory = mkdtempSync(join(tmpdir(), 'visuomotor-loader-'))
  try {
    progress('loader: preparing the main job')
    const run = await prepareRun(mainJob(2 * share), join(directory, 'run'))
    const images = Math.ceil(run.data.samplesPerEpoch * share)
    progress(`loader: ${images} images, twice`)
    const [decodedImagesPerSecond, cachedImagesPerSecond] = await imageRates(run, images)
    progress('loader: two epochs of the main job')
    const { summary } = await trainRun(run)
    const { dataWaitFraction, samplesPerSecond } = summary!
    return { decodedImagesPerSecond, cachedImagesPerSecond, mainJob: { dataWaitFraction, samplesPerSecond } }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** The main job, shorter and without tests. */
function mainJob(epochs: number): ExperimentInput {
  const { validation: _, ...recipe } = recipes.emoji!()
  return { ...recipe, tests: {}, epochs }
}

/** Images a second in the first pass over them and in the second. */
async function imageRates({ config, data, text }: PreparedRun, images: number): Promise<[number, number]> {
  const batches = loader(trainingOptions(config, data.training, text))
  const seconds: number[] = []
  let start = performance.now()
  let seen = 0
  for await (const { ids } of batches) {
    seen += ids.length
    if (seen < images * (seconds.length + 1)) continue
    const now = performance.now()
    seconds.push((now - start) / 1000)
    start = now
    if (seconds.length === 2) break
  }
  return [images / seconds[0]!, images / seconds[1]!]
}
