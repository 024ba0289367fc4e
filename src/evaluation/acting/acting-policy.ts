import { z } from 'zod'
import type { PolicyRuntime } from '../../deploy/index.ts'
import { type RolloutTask, rolloutTasks, taskNeeds } from '../rollout/outcome.ts'
import type { RolloutPolicy } from '../rollout/policy.ts'
import type { Subject } from '../suite/subject.ts'

/** A policy to judge by acting. */
export type ActingPolicy = Pick<PolicyRuntime, 'labels' | 'predict'> &
  Partial<Pick<PolicyRuntime, 'attention'>>

/** Number of episodes, tasks and robot, as every evaluator by acting takes them. */
export const actingOptions = {
  /** Tasks to try. Default: all that the policy has heads for. */
  tasks: z.array(z.enum(rolloutTasks)).nonempty().readonly().optional(),
  /** Path of the MJCF of a robot of one's own. */
  robot: z.string().optional(),
}

/** Number of scenes. */
export const sceneCount = z.int().min(1).max(100_000)

/** The tasks that are tried: those asked for, or all that the policy has heads for. */
export const tasksOf = (
  policy: Pick<ActingPolicy, 'labels'>,
  asked: readonly RolloutTask[] | undefined,
): readonly RolloutTask[] =>
  asked ?? rolloutTasks.filter((task) => policy.labels.includes(taskNeeds[task].label))

/** Reason why a model cannot be judged by these tasks; undefined for one that can. */
export function actingRefusal(
  { policy }: Pick<Subject, 'policy'>,
  { tasks }: { readonly tasks?: readonly RolloutTask[] | undefined },
): string | undefined {
  if (policy === undefined) return 'it is no policy: only a model with heads can act'
  const lacking = tasks?.filter((task) => !policy.labels.includes(taskNeeds[task].label)) ?? []
  if (lacking.length > 0) {
    const needed = lacking.map((task) => `${task} needs ${taskNeeds[task].label}`).join(', ')
    return `${needed}; it predicts ${policy.labels.join(', ')}`
  }
  if (tasksOf(policy, tasks).length > 0) return undefined
  return `it predicts ${policy.labels.join(', ')}, and no task of the tabletop is carried out by these`
}

/** The policy of a subject and the side of its images in pixels. @throws TypeError for a subject that `actingRefusal` refuses. */
export function policyOf({ policy }: Pick<Subject, 'policy'>): { policy: ActingPolicy; size: number } {
  if (policy === undefined) throw new TypeError('a model that cannot act is refused before it is judged')
  return { policy, size: policy.description.image.size }
}

/** The same policy, told nothing: it predicts for each image without a command. */
export const withoutCommand = (policy: ActingPolicy): RolloutPolicy => ({
  labels: policy.labels,
  predict: ({ pixels }) => policy.predict({ pixels, command: undefined }),
})
