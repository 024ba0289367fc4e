import { excerpt, WorldError } from '../../core/index.ts'
import { episodeDefaults, readRobot, SceneMaker, settingOf, World } from '../../world/index.ts'
import { type ControlPolicy, requireControl } from './control-policy.ts'
import { drawActions, drawForCommand, type Episode, type RefusedScene, withOtherCommands } from './episode.ts'
import { givenCommand } from './given-command.ts'
import { type ControlTask, controlTasks, isControlTask } from './outcome.ts'
import {
  conditionsOf,
  type RolloutOptions,
  type Spectator,
  sceneOptions,
  type TriedEpisode,
} from './rollout-options.ts'
import { tryControl } from './try-control.ts'

/** Episodes of a policy that controls the robot step by step: of each task in turn; see `rollout`. */
export async function* controlRollout(
  policy: ControlPolicy,
  options: RolloutOptions,
  spectator?: Spectator,
): AsyncGenerator<TriedEpisode | RefusedScene> {
  const { splits, episodes: count, robot, command } = options
  const given = command === undefined ? undefined : givenCommand(command)
  const world = await World.open(robot === undefined ? undefined : await readRobot(robot))
  const maker = await SceneMaker.open(sceneOptions(options))
  try {
    world.reset({ setting: 'table', things: [] })
    requireControl(policy, world)
    for (const split of splits) {
      for (const task of controlTasksIn(options)) {
        const { action } = controlTasks[task]
        if (given) {
          for (const drawn of drawForCommand(maker, split, settingOf[action], count, given)) {
            if ('refusal' in drawn) yield drawn
            else yield* controlEpisodes(world, policy, task, [drawn], options, spectator)
          }
        } else {
          const episodes = drawActions(maker, split, action, count)
          yield* controlEpisodes(world, policy, task, episodes, options, spectator)
        }
      }
    }
  } finally {
    world.dispose()
  }
}

async function* controlEpisodes(
  world: World,
  policy: ControlPolicy,
  task: ControlTask,
  episodes: readonly Episode[],
  options: RolloutOptions,
  spectator: Spectator | undefined,
): AsyncGenerator<TriedEpisode> {
  const { command, control: controlled = true } = options
  const hasOthers = command === undefined && episodes.length > 1
  const others = controlled && hasOthers ? withOtherCommands(episodes) : []
  for (const [i, episode] of episodes.entries()) {
    spectator?.onBegin(episode)
    const { eyes } = conditionsOf(options, episode)
    const look = { ...eyes, smooth: options.smooth ?? episodeDefaults.smooth }
    const { outcome, actions } = await tryControl(world, policy, episode, task, look, {
      onLook: (pixels) => spectator?.onLook(pixels, {}),
      ...(spectator?.onFrame && { onFrame: (frame) => spectator.onFrame?.(frame) }),
      onStep: () => spectator?.onStep(world, task),
    })
    const other = others[i]
    const again = other && (await tryControl(world, policy, other, task, look))
    const control = other &&
      again && { text: other.text, outcomes: { [task]: again.outcome }, predictions: again.actions }
    const outcomes = { [task]: outcome }
    const tried: TriedEpisode = { episode, outcomes, predictions: actions, ...(control && { control }) }
    spectator?.onEnd(tried)
    yield tried
  }
}

/**
 * Tasks of a policy that controls the robot; with a given command, the one that asks for its action.
 * @throws WorldError `world/wrong-setting` where none does.
 */
export function controlTasksIn({ tasks, command }: RolloutOptions): ControlTask[] {
  const own = tasks.filter(isControlTask)
  if (command === undefined) return own
  const { action } = givenCommand(command).command
  const found = own.filter((task) => controlTasks[task].action === action)
  if (found.length > 0) return found
  const problem = `"${excerpt(command)}" asks to ${action}, and the tasks are ${own.join(', ')}`
  throw new WorldError('world/wrong-setting', `${problem}. Ask for something else, or try other tasks`, {
    command,
    tasks,
  })
}
