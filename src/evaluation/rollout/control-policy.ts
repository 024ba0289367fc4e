import { ConfigError } from '../../core/index.ts'
import type { ActionStream, ChunkObservation } from '../../deploy/index.ts'
import type { ChunkPolicyConfig } from '../../models/index.ts'
import {
  type Controls,
  controlsOf,
  episodeFeatures,
  type RobotCamera,
  type RobotNumbers,
  robotNumbers,
  type Setting,
  type World,
} from '../../world/index.ts'
import { isControlTask, type RolloutTask, rolloutTasks, taskNeeds } from './outcome.ts'

/** Policy that controls a robot step by step; `ChunkPolicyRuntime` is one. */
export interface ControlPolicy {
  readonly config: Pick<
    ChunkPolicyConfig,
    'cameras' | 'state_names' | 'action_names' | 'state_size' | 'action_size'
  >
  /** Begin an episode. */
  reset(): void
  /** Actions one by one, for a new episode. */
  stream(): ActionStream<ChunkObservation>
}

/** The world's cameras by their names in data sets of demonstrations. */
export const controlCameras: Readonly<Record<string, RobotCamera>> = {
  [episodeFeatures.head]: 'head',
  [episodeFeatures.wrist]: 'wrist',
}

/** Controls of a policy, by the names of its actions. */
export const policyControls = ({ config: { action_names } }: Pick<ControlPolicy, 'config'>): Controls =>
  controlsOf(action_names ?? [])

/** Tasks that a policy is tried at: those asked for, or those at the table, and on the floor for one that drives. */
export function controlTasksOf(
  policy: ControlPolicy,
  asked: readonly RolloutTask[] | undefined,
): readonly RolloutTask[] {
  const drives = policyControls(policy).base
  const isOnFloor = (task: RolloutTask) => (taskNeeds[task].settings as readonly Setting[]).includes('floor')
  return asked ?? rolloutTasks.filter(isControlTask).filter((task) => drives || !isOnFloor(task))
}

/**
 * Refuse a policy of other cameras, states or actions than the world's, before anything moves.
 * @param world World after a reset.
 * @throws ConfigError `config/robot-data` that lists all that does not fit.
 */
export function requireControl(policy: Pick<ControlPolicy, 'config'>, world: World): void {
  const numbers = robotNumbers(world.simulation, policyControls(policy))
  const problems = [...misfits(policy.config, numbers)]
  if (problems.length === 0) return
  const { name } = world.simulation.robot
  throw new ConfigError('config/robot-data', `the policy does not fit ${name}: ${problems.join('; ')}`, {
    robot: name,
    problems,
  })
}

function* misfits(config: ControlPolicy['config'], numbers: RobotNumbers): Generator<string> {
  const unknown = config.cameras.filter((name) => controlCameras[name] === undefined)
  if (unknown.length > 0)
    yield `it sees by ${unknown.join(', ')}, and the cameras are ${Object.keys(controlCameras).join(', ')}`
  for (const part of ['state', 'action'] as const) {
    const [names, size, own] = [config[`${part}_names`], config[`${part}_size`], numbers[part]]
    if (part === 'state' && size === 0) continue
    if (names ? `${names}` !== `${own}` : size !== own.length)
      yield `its ${part} is ${names ? `[${names.join(', ')}]` : `${size} numbers`}, the robot's [${own.join(', ')}]`
  }
}
