import { ConfigError, didYouMean } from '../core/index.ts'
import {
  type CheckpointChoice,
  ChunkPolicyRuntime,
  PolicyRuntime,
  type RuntimeOptions,
  readModelConfig,
} from '../deploy/index.ts'
import type { DeviceName } from '../engine/index.ts'
import {
  controlTasksOf,
  isControlTask,
  type RolloutOptions,
  type RolloutTask,
  rolloutTasks,
  taskNeeds,
} from '../evaluation/index.ts'
import { actsInChunks } from '../models/index.ts'
import type { EpisodeSplit } from '../world/index.ts'
import { randomizationOf } from './randomize-option.ts'

/** Options of `rollout` on the command line. */
export interface RolloutFlags {
  readonly episodes: number
  readonly seed: number
  readonly tasks?: RolloutTask[]
  readonly splits?: EpisodeSplit[]
  readonly command?: string
  readonly randomize?: true | string
  readonly robot?: string
  readonly smooth?: true
  readonly control: boolean
  readonly watch?: true | number
  readonly mcap?: true
  readonly lerobot?: true
  readonly out?: string
  readonly verify?: string
  readonly device: DeviceName
  readonly threads?: number
  readonly checkpoint?: CheckpointChoice
  readonly json?: true
}

/** Splits of a rollout by default. */
const usualSplits = ['heldOutScenes', 'heldOutPhrasings', 'heldOutPairs'] as const

/** Policy of a rollout: it predicts once and is carried out, or controls the robot step by step. */
export type RolledPolicy = PolicyRuntime | ChunkPolicyRuntime

/** Load the policy of a run or bundle. @throws Errors of `readBundle`; CheckpointError `bundle/model-type` for no policy. */
export async function rolledPolicy(
  model: string,
  options: Omit<RuntimeOptions, 'families'>,
): Promise<RolledPolicy> {
  const acts = actsInChunks(readModelConfig(model))
  return acts ? ChunkPolicyRuntime.load(model, options) : PolicyRuntime.load(model, options)
}

/**
 * Options of a rollout.
 * @throws CheckpointError `bundle/heads` for a task whose label the policy does not predict; ConfigError `config/robot-data`
 * for a task of another sort of policy.
 */
export function rolloutOptions(policy: RolledPolicy, flags: RolloutFlags): RolloutOptions {
  const { episodes, seed, control, randomize, robot, command, smooth } = flags
  const splits = flags.splits ?? (command === undefined ? usualSplits : ['heldOutScenes'])
  const randomization = randomizationOf(randomize)
  return {
    tasks: policy instanceof PolicyRuntime ? predictedTasks(policy, flags) : controlledTasks(policy, flags),
    splits,
    episodes,
    seed,
    size: policy.description.image.size,
    control: control && command === undefined, // with one command for all there are no others
    ...(command !== undefined && { command }),
    ...(randomization && { randomization }),
    ...(robot !== undefined && { robot }),
    ...(smooth && { smooth }),
  }
}

function predictedTasks(policy: PolicyRuntime, { tasks }: RolloutFlags): readonly RolloutTask[] {
  for (const task of tasks ?? []) policy.requireLabels(task, [taskNeeds[task].label])
  const possible = rolloutTasks.filter((task) => policy.labels.includes(taskNeeds[task].label))
  if (possible.length === 0) policy.requireLabels('rollout', ['joints'])
  return tasks ?? possible
}

/** Tasks of a policy that controls the robot; by default those at the table, and on the floor for one that drives. */
function controlledTasks(policy: ChunkPolicyRuntime, { tasks }: RolloutFlags): readonly RolloutTask[] {
  const other = tasks?.find((task) => !isControlTask(task))
  const own = rolloutTasks.filter(isControlTask)
  if (other !== undefined) {
    const message = `${other} is a task of policies that predict once; this one controls the robot: ${own.join(', ')}`
    throw new ConfigError('config/robot-data', message, { task: other, tasks: own })
  }
  return controlTasksOf(policy, tasks)
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
