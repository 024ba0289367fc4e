import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Files of a run's directory, beside the description of the model. */
export const runFiles = {
  recipe: 'recipe.json',
  metrics: 'metrics.jsonl',
  stages: 'stages.json',
  control: 'control',
  badSamples: 'bad-samples.jsonl',
  summary: 'summary.json',
  examples: 'examples.json',
  report: 'report.html',
  checkpoints: 'checkpoints',
  /** Services that show the run, each with the id that it has there. */
  trackers: 'trackers.json',
  /** Values of the parameters that are frozen when the run begins; checkpoints hold the trained ones. */
  frozen: 'frozen.safetensors',
  /** Numbers of matrices that stay zero: see the key `keepZeros` of recipes. */
  zeros: 'zeros.safetensors',
} as const

/** Files of a checkpoint: the values to use, the other arenas, and the rest of the state. */
export const checkpointFiles = {
  model: 'model.safetensors',
  optimizer: 'optimizer.safetensors',
  state: 'state.json',
} as const

/** Test that a directory is a run's. */
export const isRun = (directory: string): boolean => existsSync(join(directory, runFiles.recipe))

/** The directory of the checkpoint of a step: `checkpoints/<step>`. */
export const checkpointDirectory = (run: string, step: number): string =>
  join(run, runFiles.checkpoints, String(step))

/** The steps of a run's checkpoints, oldest first. */
export function checkpointSteps(run: string): number[] {
  const directory = join(run, runFiles.checkpoints)
  if (!existsSync(directory)) return []
  return readdirSync(directory)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b)
}

/** The directory of a run's newest checkpoint; undefined before the first. */
export function latestCheckpoint(run: string): string | undefined {
  const step = checkpointSteps(run).at(-1)
  return step === undefined ? undefined : checkpointDirectory(run, step)
}
