import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LoaderOptions, loader, standardAugmentation } from '../../src/data/index.ts'
import { prepareRun, type RecipeInput, recipes, trainRun } from '../../src/recipes/index.ts'
import { trainingOptions } from '../../src/recipes/run/batches.ts'
import { progress } from './progress.ts'

/** How fast data comes, and how long training waits for it. */
export interface LoaderMeasurement {
  /** Nothing but the loader of the main job. */
  readonly alone: ImageRates
  /** The same of images of 64 pixels with `standardAugmentation`, and a thread for each core. */
  readonly standardAugmentation64: ImageRates
  /** Two epochs of the main job: part of the time spent waiting. */
  readonly mainJob: { readonly dataWaitFraction: number; readonly samplesPerSecond: number }
}

interface ImageRates {
  /** Images that were not seen before: decoded and augmented. */
  readonly decodedImagesPerSecond: number
  /** Images that were decoded before: augmented. */
  readonly cachedImagesPerSecond: number
}

/** @param share How much of an epoch is loaded and trained on, in (0, 1]; less only to see that it works. */
export async function measureLoader(share = 1): Promise<LoaderMeasurement> {
  const directory = mkdtempSync(join(tmpdir(), 'visuomotor-loader-'))
  try {
    progress('loader: preparing the main job')
    const run = await prepareRun(mainJob(2 * share), join(directory, 'run'))
    const images = Math.ceil(run.data.samplesPerEpoch * share)
    progress(`loader: ${images} images, twice`)
    const options = trainingOptions(run.recipe, run.data.training, run.text, run.registry)
    const alone = await imageRates(options, images)
    progress(`loader: ${images} images of 64 pixels, twice`)
    const standard = { resolution: 64, augment: standardAugmentation(64), workers: availableParallelism() }
    const standardAugmentation64 = await imageRates({ ...options, ...standard }, images)
    progress('loader: two epochs of the main job')
    const { summary } = await trainRun(run, { callbacks: [] })
    const { dataWaitFraction, samplesPerSecond } = summary!
    return { alone, standardAugmentation64, mainJob: { dataWaitFraction, samplesPerSecond } }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** The main job, shorter and without tests. */
function mainJob(epochs: number): RecipeInput {
  const { validation: _, ...recipe } = recipes.emoji!()
  return { ...recipe, tests: {}, epochs }
}

/** Images a second in the first pass over them and in the second. */
async function imageRates(options: LoaderOptions, images: number): Promise<ImageRates> {
  const batches = loader(options)
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
  return { decodedImagesPerSecond: images / seconds[0]!, cachedImagesPerSecond: images / seconds[1]! }
}
