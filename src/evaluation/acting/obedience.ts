import { z } from 'zod'
import { DataError } from '../../core/index.ts'
import type { World } from '../../world/index.ts'
import { lookSeed } from '../rollout/episode.ts'
import { type Outcomes, rolloutTasks } from '../rollout/outcome.ts'
import { type Conditions, tryEpisode } from '../rollout/try-episode.ts'
import type { Evaluator, Findings } from '../suite/evaluator.ts'
import type { Measured } from '../suite/measured.ts'
import {
  type ActingPolicy,
  actingOptions,
  actingRefusal,
  policyOf,
  sceneCount,
  tasksOf,
  withoutCommand,
} from './acting-policy.ts'
import { actingWorld } from './acting-world.ts'
import { type CommandedScene, commandedScenes, settingsOfTasks, tellLeftOut } from './commanded-scenes.ts'
import { type FirstLook, lookingPolicy } from './episode-picture.ts'
import { description, differenceOf, meanOf, percent, successOf } from './measures.ts'
import { obediencePairs, type TaskPairs } from './obedience-pairs.ts'
import { obedienceSections } from './obedience-sections.ts'

const schema = z.strictObject({
  kind: z.literal('obedience'),
  /** Number of scenes at the table, and on the floor. */
  episodes: sceneCount.default(40),
  split: z.enum(['train', 'heldOutScenes']).default('heldOutScenes'),
  ...actingOptions,
})

export type ObedienceOptions = z.output<typeof schema>

/** Options of {@link obedienceEvaluator} for a suite. */
export const obedience = (options: Omit<z.input<typeof schema>, 'kind'> = {}) =>
  ({ kind: 'obedience', ...options }) as const

/** Outcomes of one scene with each command, judged by the right command's goal unless it says otherwise. */
export interface ObeyedScene {
  readonly scene: CommandedScene
  readonly right: Outcomes
  /** Told another command about this scene, judged by the right one. */
  readonly other: Outcomes
  /** Told nothing. */
  readonly none: Outcomes
  /** Told the other command, judged by it. */
  readonly otherAtItsGoal: Outcomes
  /** First looks of the trials with the right command and with the other. */
  readonly looks: { readonly right: FirstLook; readonly other: FirstLook }
}

/**
 * Obedience of a policy. Every scene is tried with its command, with a command about another of its objects, and with none (the
 * tokenizer's start and end without words), and always judged by the goal of the first. The headline is the difference
 * of success with the right and with the other command, 1 for a policy that always does what it is told and 0 for one
 * that ignores it, paired by scene.
 */
export const obedienceEvaluator: Evaluator<ObedienceOptions> = {
  schema: schema as unknown as z.ZodType<ObedienceOptions>,
  drawsScenes: true,
  refusal: actingRefusal,
  async evaluate(subject, options) {
    const { policy, size } = policyOf(subject)
    const { seed } = subject
    const tasks = tasksOf(policy, options.tasks)
    const { robot, split, episodes: count } = options
    const world = await actingWorld(subject, robot)
    const tried: ObeyedScene[] = []
    let refused = 0
    try {
      for (const setting of settingsOfTasks(tasks)) {
        const found = await commandedScenes(setting, { split, count, seed, size, robot })
        refused += found.refused
        tellLeftOut(subject, 'obedience', setting, found, count)
        for (const scene of found.scenes) {
          const eyes = { size, seed: lookSeed(seed, scene.right) }
          tried.push(await tryCommands(world, policy, scene, { tasks, eyes }))
        }
      }
    } finally {
      world.dispose()
    }
    if (tried.length === 0) throw noScene(subject.name, refused)
    return findingsOf(tried, refused, seed, policy)
  },
}

/** Try a scene with each command. */
async function tryCommands(
  world: World,
  policy: ActingPolicy,
  scene: CommandedScene,
  conditions: Conditions,
): Promise<ObeyedScene> {
  const { right, other } = scene
  const misleading = { ...right, text: other.text }
  const looking = lookingPolicy(policy)
  const obeyed = await tryEpisode(world, looking, right, conditions)
  const rightLook = { episode: right, ...looking.takeLook()! }
  const misled = await tryEpisode(world, looking, misleading, conditions)
  const otherLook = { episode: misleading, ...looking.takeLook()! }
  return {
    scene,
    right: obeyed,
    other: misled,
    none: await tryEpisode(world, withoutCommand(policy), right, conditions),
    otherAtItsGoal: await tryEpisode(world, policy, other, conditions),
    looks: { right: rightLook, other: otherLook },
  }
}

const noScene = (name: string, refused: number): DataError =>
  new DataError(
    'metrics/no-samples',
    `${name}: none of ${refused} drawn scenes has two objects that can be commanded. Take another seed, or a robot that reaches more`,
    { refused },
  )

async function findingsOf(
  tried: readonly ObeyedScene[],
  refused: number,
  seed: number,
  policy: ActingPolicy,
): Promise<Findings> {
  const ids = tried.map(({ scene }) => scene.id)
  const valuesOf = (which: 'right' | 'other' | 'none' | 'otherAtItsGoal') =>
    tried.map((each) => successOf(each[which]))
  const [right, other, none] = [valuesOf('right'), valuesOf('other'), valuesOf('none')]
  const difference = differenceOf(right, other, 'max', seed)
  const byTask = pairsByTask(tried, seed)
  const metrics: Record<string, Measured> = {
    difference,
    right: meanOf(right, seed),
    other: description(meanOf(other, seed)),
    none: description(meanOf(none, seed)),
    otherAtItsGoal: meanOf(valuesOf('otherAtItsGoal'), seed),
    ...Object.assign({}, ...Object.entries(byTask).map(([task, pairs]) => metricsOfTask(task, pairs))),
  }
  const differences = right.map((value, i) => value - other[i]!)
  const samples = { difference: differences, right, other, none }
  return {
    metrics,
    headline: ['difference'],
    samples: Object.fromEntries(Object.entries(samples).map(([path, values]) => [path, { ids, values }])),
    details: { scenes: tried.length, refused, tasks: byTask },
    sections: await obedienceSections(tried, metrics, byTask, policy),
    figures: [
      {
        label: 'Obeys: right − other command',
        value: `${percent({ value: difference.value })} points`,
        more: `right ${percent(metrics.right!)}, other ${percent(metrics.other!)}, none ${percent(metrics.none!)} %`,
      },
    ],
  }
}

/** Success with each command at the tasks that were tried. */
const pairsByTask = (tried: readonly ObeyedScene[], seed: number): Record<string, TaskPairs> =>
  Object.fromEntries(
    rolloutTasks.flatMap((task) => {
      const pairs = obediencePairs(tried, task, seed)
      return pairs ? [[task, pairs] as const] : []
    }),
  )

const metricsOfTask = (
  task: string,
  { difference, right, other, none, mcNemar }: TaskPairs,
): Record<string, Measured> => ({
  [`${task}.difference`]: difference,
  [`${task}.right`]: right,
  [`${task}.other`]: description(other),
  [`${task}.none`]: description(none),
  [`${task}.mcNemarP`]: { value: mcNemar.p, count: difference.count },
})
