import { z } from 'zod'
import type { ChunkPolicyRuntime } from '../../deploy/index.ts'
import { humanize } from '../../report/index.ts'
import { type EpisodeSplit, episodeSplits } from '../../world/index.ts'
import { controlTasksOf } from '../rollout/control-policy.ts'
import type { RefusedScene } from '../rollout/episode.ts'
import { type RolloutTask, rolloutTasks } from '../rollout/outcome.ts'
import { Recorder, type Recording } from '../rollout/recording.ts'
import { rollout, type TriedEpisode } from '../rollout/rollout.ts'
import { summarizeRollout } from '../rollout/summary.ts'
import type { Evaluator, Findings } from '../suite/evaluator.ts'
import type { Measured } from '../suite/measured.ts'
import type { Subject } from '../suite/subject.ts'
import { actingOptions, actingRefusal, policyOf, sceneCount, tasksOf } from './acting-policy.ts'
import { tellRobot } from './acting-world.ts'
import { controlRefusal } from './control-refusal.ts'
import { type FirstLook, lookingPolicy } from './episode-picture.ts'
import { description, meanOf, percent, successOf } from './measures.ts'
import { controlSections, rolloutSections } from './rollouts-sections.ts'

const schema = z.strictObject({
  kind: z.literal('rollouts'),
  /** Number of episodes of each split at the table, and on the floor. */
  episodes: sceneCount.default(30),
  splits: z
    .array(z.enum(episodeSplits))
    .nonempty()
    .readonly()
    .default(['heldOutScenes', 'heldOutPhrasings', 'heldOutPairs'] satisfies EpisodeSplit[]),
  ...actingOptions,
  /** Show a film of the worst and of some successful episodes. */
  film: z.boolean().default(true),
})

export type RolloutsOptions = z.output<typeof schema>

/** Options of {@link rolloutsEvaluator} for a suite. */
export const rollouts = (options: Omit<z.input<typeof schema>, 'kind'> = {}) =>
  ({ kind: 'rollouts', ...options }) as const

/** An episode and what the policy saw first. */
export interface SeenEpisode extends TriedEpisode {
  readonly look: FirstLook
}

/**
 * Success of a policy in physics, by task and split, with Wilson's interval and the control by other commands. The
 * headline of each split is the mean over episodes of the fraction of tasks that succeeded.
 */
export const rolloutsEvaluator: Evaluator<RolloutsOptions> = {
  schema: schema as unknown as z.ZodType<RolloutsOptions>,
  drawsScenes: true,
  refusal: (subject, options) =>
    subject.chunkPolicy ? controlRefusal(options) : actingRefusal(subject, options),
  async evaluate(subject, options) {
    if (subject.chunkPolicy) return controlled(subject, subject.chunkPolicy, options)
    const { policy, size } = policyOf(subject)
    const { seed } = subject
    const { splits, episodes, robot, film } = options
    const tasks = tasksOf(policy, options.tasks)
    const recordings: Recording[] = []
    const recorder = new Recorder(
      () => film,
      (recording) => void recordings.push(recording),
    )
    const choice = { tasks, splits, episodes, seed, size, ...(robot !== undefined && { robot }) }
    await tellRobot(subject, robot)
    const looking = lookingPolicy(policy)
    const tried: (TriedEpisode | RefusedScene)[] = []
    const seen: SeenEpisode[] = []
    for await (const each of rollout(looking, choice, recorder)) {
      const look = looking.takeLook()
      tried.push(each)
      if ('outcomes' in each && look) seen.push({ ...each, look: { episode: each.episode, ...look } })
    }
    return {
      ...numbersOf(seen, splits, seed),
      details: { summary: summarizeRollout(tried) },
      sections: await rolloutSections(seen, recordings, policy),
    }
  },
}

/** A policy that acts in chunks, in control of the robot: the same figures, and a film. */
async function controlled(
  subject: Pick<Subject, 'seed' | 'uses'>,
  policy: ChunkPolicyRuntime,
  { splits, episodes, robot, film, ...options }: RolloutsOptions,
): Promise<Findings> {
  const { seed } = subject
  const recordings: Recording[] = []
  const recorder = new Recorder(
    () => film,
    (recording) => void recordings.push(recording),
  )
  const tasks = controlTasksOf(policy, options.tasks)
  const { size } = policy.description.image
  const choice = { tasks, splits, episodes, seed, size, ...(robot !== undefined && { robot }) }
  await tellRobot(subject, robot)
  const tried: TriedEpisode[] = []
  for await (const each of rollout(policy, choice, recorder)) if ('outcomes' in each) tried.push(each)
  return {
    ...numbersOf(tried, splits, seed),
    details: { summary: summarizeRollout(tried) },
    sections: await controlSections(tried, recordings),
  }
}

function numbersOf(
  tried: readonly TriedEpisode[],
  splits: readonly EpisodeSplit[],
  seed: number,
): Pick<Findings, 'metrics' | 'headline' | 'samples' | 'figures'> {
  const metrics: Record<string, Measured> = {}
  const samples: Record<string, { ids: string[]; values: number[] }> = {}
  const note = (
    path: string,
    own: readonly TriedEpisode[],
    valueIn: (outcomes: TriedEpisode['outcomes']) => number,
  ) => {
    const ids = own.map(({ episode: { split, number } }) => `${split}/${number}`)
    const values = own.map(({ outcomes }) => valueIn(outcomes))
    const controls = own.flatMap(({ control }) => (control ? [valueIn(control.outcomes)] : []))
    metrics[path] = meanOf(values, seed)
    samples[path] = { ids, values }
    if (controls.length > 0) metrics[`${path}.otherCommands`] = description(meanOf(controls, seed))
  }
  for (const split of splits) {
    const own = tried.filter(({ episode }) => episode.split === split)
    note(`${split}.success`, own, successOf)
    for (const task of rolloutTasks) {
      const of = own.filter(({ outcomes }) => outcomes[task])
      if (of.length > 0) note(`${split}.${task}`, of, isSuccess(task))
    }
  }
  const headline = splits.map((split) => `${split}.success`)
  const figures = splits.map((split) => {
    const [found, control] = [metrics[`${split}.success`]!, metrics[`${split}.success.otherCommands`]]
    const other = control ? `; other commands ${percent({ value: control.value })} %` : ''
    const interval = found.interval!.map((end) => Math.round(100 * end)).join(' – ')
    return {
      label: `Success in physics, ${humanize(split).toLowerCase()}`,
      value: `${percent({ value: found.value })} %`,
      more: `${interval}${other}`,
    }
  })
  return { metrics, headline, samples, figures }
}

const isSuccess =
  (task: RolloutTask) =>
  (outcomes: TriedEpisode['outcomes']): number =>
    Number(outcomes[task]!.success)
