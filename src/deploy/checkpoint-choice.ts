import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  CheckpointError,
  ConfigError,
  checkpointDirectory,
  checkpointFiles,
  checkpointSteps,
  readProgress,
} from '../core/index.ts'

/** Choice of a checkpoint of a run: the best by its validation, the newest, or the one of a step. */
export type CheckpointChoice = 'best' | 'last' | number

/**
 * The directory of a checkpoint of a run. `best` comes from the newest checkpoint's memory of the validations; without
 * validation the last checkpoint is the best.
 * @throws ConfigError `bundle/checkpoint` when it does not exist, naming the existing ones.
 * @throws CheckpointError `bundle/no-checkpoint` when the run has none, `checkpoint/state` when its state is damaged.
 */
export function chosenCheckpoint(run: string, choice: CheckpointChoice): string {
  const steps = checkpointSteps(run)
  const last = steps.at(-1)
  if (last === undefined) {
    const message = `the run ${run} has no checkpoint yet. Train on with --resume`
    throw new CheckpointError('bundle/no-checkpoint', message, { run })
  }
  const directory = (step: number) => checkpointDirectory(run, step)
  const step = choice === 'best' ? (bestStep(directory(last)) ?? last) : choice === 'last' ? last : choice
  if (existsSync(directory(step))) return directory(step)
  throw new ConfigError(
    'bundle/checkpoint',
    `the run ${run} has no checkpoint of step ${step}${choice === 'best' ? ', its best' : ''}. ` +
      `Choose one of ${steps.join(', ')}, or last`,
    { run, choice, step, steps },
  )
}

const bestStep = (newest: string): number | undefined =>
  readProgress(join(newest, checkpointFiles.state)).monitor?.best?.step
