import { ConfigError, didYouMean } from '../core/index.ts'
import type { CheckpointChoice, PolicyRuntime } from '../deploy/index.ts'
import type { DeviceName } from '../engine/index.ts'
import {
  type RolloutOptions,
  type RolloutSplit,
  type RolloutTask,
  rolloutTasks,
  taskNeeds,
} from '../evaluation/index.ts'
import { randomizationOf } from './randomize-option.ts'

/** Options of `rollout` on the command line. */
export interface RolloutFlags {
  readonly episodes: number
  readonly seed: number
  readonly tasks?: RolloutTask[]
  readonly splits?: RolloutSplit[]
  readonly command?: string
  readonly randomize?: true | string
  readonly robot?: string
  readonly control: boolean
  readonly watch?: true | number
  readonly out?: string
  readonly verify?: string
  readonly device: DeviceName
  readonly threads?: number
  readonly checkpoint?: CheckpointChoice
  readonly json?: true
}

/** Splits of a rollout by default. */
const usualSplits = ['heldOutScenes', 'heldOutPhrasings', 'heldOutPairs'] as const

/**
 * Options of a rollout.
 * @throws CheckpointError `bundle/heads` for a task whose label the policy does not predict.
 */
export function rolloutOptions(policy: PolicyRuntime, flags: RolloutFlags): RolloutOptions {
  const { tasks, episodes, seed, control, randomize, robot, command } = flags
  const splits = flags.splits ?? (command === undefined ? usualSplits : ['heldOutScenes'])
  for (const task of tasks ?? []) policy.requireLabels(task, [taskNeeds[task].label])
  const possible = rolloutTasks.filter((task) => policy.labels.includes(taskNeeds[task].label))
  if (possible.length === 0) policy.requireLabels('rollout', ['joints'])
  const randomization = randomizationOf(randomize)
  return {
    tasks: tasks ?? possible,
    splits,
    episodes,
    seed,
    size: policy.description.image.size,
    control: control && command === undefined, // with one command for all there are no others
    ...(command !== undefined && { command }),
    ...(randomization && { randomization }),
    ...(robot !== undefined && { robot }),
  }
}

/** Parser of a comma-separated list of some of the names. */
export const listOf =
  <Name extends string>(names: readonly Name[]) =>
  (text: string): Name[] =>
    text.split(',').map((part) => {
      const name = names.find((known) => known === part.trim())
      if (name !== undefined) return name
      const message = `there is no '${part}'${didYouMean(part, names)}`
      throw new ConfigError('cli/unknown-name', message, { name: part, names })
    })
