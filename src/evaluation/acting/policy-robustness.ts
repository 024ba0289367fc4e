import { z } from 'zod'
import { DataError } from '../../core/index.ts'
import type { RolloutTask } from '../rollout/outcome.ts'
import type { Evaluator } from '../suite/evaluator.ts'
import type { Subject } from '../suite/subject.ts'
import { actingOptions, actingRefusal, policyOf, sceneCount, tasksOf } from './acting-policy.ts'
import { actingWorld } from './acting-world.ts'
import type { Axis, Severity } from './axes/axis.ts'
import { type AxisName, axes, axisNames } from './axes/index.ts'
import { commandedScenes, settingsOfTasks, tellLeftOut } from './commanded-scenes.ts'
import { type ConditionTrials, tryCondition } from './condition-trials.ts'
import type { ActingSetup } from './perturbed.ts'
import { robustnessFindings } from './robustness-findings.ts'

const severity = z
  .int()
  .refine((value): value is Severity => value >= 1 && value <= 5, 'severities are 1 to 5')

const schema = z.strictObject({
  kind: z.literal('policyRobustness'),
  /** Axes of perturbation. Default: all that change anything in the policy's tasks. */
  axes: z.array(z.enum(axisNames)).nonempty().readonly().optional(),
  severities: z
    .array(severity)
    .nonempty()
    .readonly()
    .default([1, 3, 5] satisfies Severity[]),
  /** Number of scenes at the table, and on the floor. */
  episodes: sceneCount.default(10),
  split: z.enum(['train', 'heldOutScenes']).default('heldOutScenes'),
  ...actingOptions,
})

export type PolicyRobustnessOptions = z.output<typeof schema>

/** Options of {@link policyRobustnessEvaluator} for a suite. */
export const policyRobustness = (options: Omit<z.input<typeof schema>, 'kind'> = {}) =>
  ({ kind: 'policyRobustness', ...options }) as const

/**
 * Success under perturbations of growing severity: camera, start posture, language, light, background, sensor noise,
 * layout (LIBERO-plus; Fei et al. 2025), and a delay between image and action. The same scenes are tried as they are
 * and under each perturbation, each with its control by other commands. A perturbed scene that the expert cannot solve
 * is refused and counted.
 */
export const policyRobustnessEvaluator: Evaluator<PolicyRobustnessOptions> = {
  schema: schema as unknown as z.ZodType<PolicyRobustnessOptions>,
  drawsScenes: true,
  refusal(subject, options) {
    const refusal = actingRefusal(subject, options)
    if (refusal !== undefined) return refusal
    const { tasks, unfit } = chosenAxes(subject, options)
    const idle = options.axes ? unfit : []
    return idle.length === 0
      ? undefined
      : `${idle.join(', ')} changes nothing in its tasks (${tasks.join(', ')})`
  },
  async evaluate(subject, options) {
    const { policy, size } = policyOf(subject)
    const { seed } = subject
    const { robot, split, episodes: count } = options
    const { tasks, fit, unfit } = chosenAxes(subject, options)
    if (unfit.length > 0)
      subject.note(`policyRobustness leaves out ${unfit.join(', ')}: no task of the policy changes`)
    const world = await actingWorld(subject, robot)
    const setup: ActingSetup = { world, tasks, seed, size }
    const trials: ConditionTrials[] = []
    const chosen = [...new Set(options.severities)].sort((a, b) => a - b)
    try {
      for (const setting of settingsOfTasks(tasks)) {
        const found = await commandedScenes(setting, { split, count, seed, size, robot })
        tellLeftOut(subject, 'policyRobustness', setting, found, count)
        const own = found.scenes.map(({ id, right }) => ({ id, episode: right }))
        trials.push(await tryCondition(setup, policy, own, undefined))
        for (const axis of fit.filter((name) => (axes[name] as Axis).settings.includes(setting))) {
          for (const severity of chosen) {
            trials.push(await tryCondition(setup, policy, own, { axis, severity }))
          }
        }
      }
    } finally {
      world.dispose()
    }
    if (trials.every(({ tried }) => tried.length === 0)) throw nothingTried(subject)
    return robustnessFindings(trials, { axes: fit, severities: chosen, seed, policy })
  },
}

/** Axes that change anything in the policy's tasks, and those that do not. */
function chosenAxes(
  { policy }: Pick<Subject, 'policy'>,
  { axes: asked = axisNames, tasks: askedTasks }: PolicyRobustnessOptions,
): { tasks: readonly RolloutTask[]; fit: AxisName[]; unfit: AxisName[] } {
  const tasks = tasksOf(policy!, askedTasks)
  const settings = settingsOfTasks(tasks)
  const isFit = (name: AxisName): boolean => {
    const { settings: own, tasks: changed }: Axis = axes[name]
    return (
      own.some((setting) => settings.includes(setting)) &&
      tasks.some((task) => changed?.includes(task) ?? true)
    )
  }
  return { tasks, fit: asked.filter(isFit), unfit: asked.filter((name) => !isFit(name)) }
}

const nothingTried = ({ name }: Subject): DataError =>
  new DataError(
    'metrics/no-samples',
    `${name}: no scene has two objects that can be commanded. Take another seed`,
    {
      test: name,
    },
  )
