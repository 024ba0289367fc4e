import { z } from 'zod'
import { DataError } from '../../core/index.ts'
import { imageOptionsOf } from '../../deploy/index.ts'
import { type Tolerances, tolerances } from '../../models/index.ts'
import { type PromptTemplates, templatesOf, templatesOption } from '../dual/prompt-templates.ts'
import type { Evaluator, Findings } from '../suite/evaluator.ts'
import type { Subject } from '../suite/subject.ts'
import { type AxisName, axes, axisNames, type Condition, conditionsOf, severities } from './axes.ts'
import { retrievalTrials } from './dual-encoder-trials.ts'
import { policyTrials } from './policy-trials.ts'
import { exampleSections } from './robustness-examples.ts'
import { numbersOf } from './robustness-findings.ts'
import { measureResults } from './robustness-numbers.ts'
import { curvesSection, robustnessFigures, tableSection } from './robustness-sections.ts'
import type { Trials } from './trial.ts'
import { zeroShotTrials } from './zero-shot-trials.ts'

export interface RobustnessOptions {
  readonly kind: 'robustness'
  /** Names of what is made worse. Default: all axes; of texts none for zero-shot classification. */
  readonly axes: readonly AxisName[]
  /** Severities, from 1. Default: 1 to 5. Each takes a pass over the data for every axis; a policy takes two. */
  readonly severities: readonly number[]
  /** Label of kind class by which a dual encoder is judged, zero-shot. Default: it is judged by retrieval. */
  readonly label?: string | undefined
  /** Prompts of the zero-shot classification, as of `zeroShot`. Default `photo`. */
  readonly templates: PromptTemplates | readonly string[]
  /** Limits of a policy's success. */
  readonly tolerances: Tolerances
}

/** Options of {@link robustness}; see {@link RobustnessOptions}. */
export interface RobustnessInput {
  readonly axes?: readonly AxisName[]
  readonly severities?: readonly number[]
  readonly label?: string
  readonly templates?: PromptTemplates | readonly string[]
  readonly tolerances?: Partial<Tolerances>
}

const schema = z.strictObject({
  kind: z.literal('robustness'),
  axes: z
    .array(z.enum(axisNames))
    .nonempty()
    .default([...axisNames]),
  severities: z
    .array(z.int().min(1).max(severities.length))
    .nonempty()
    .default([...severities]),
  label: z.string().optional(),
  templates: templatesOption,
  tolerances: tolerances.prefault({}),
})

/** Options of {@link robustnessEvaluator} for a suite, as plain data. */
export const robustness = (options: RobustnessInput = {}) => ({ kind: 'robustness', ...options }) as const

/**
 * Part of what a model gets right that is left when images and texts get worse: axes of corruption at rising severities
 * (Hendrycks & Dietterich 2019), each sample with the same draws at every severity.
 *
 * A dual encoder is judged by retrieval R@1 both ways, or with `label` by zero-shot accuracy; a policy by the success of its heads,
 * with the control by the commands of other samples. The main numbers: the mean over the axes' means (`corrupted`), and that over the
 * clean value (`retainedFraction`).
 */
export const robustnessEvaluator = {
  schema,
  refusal: ({ dualEncoder, policy, directory }) =>
    dualEncoder || policy
      ? undefined
      : `${directory} is neither a dual encoder nor a policy: nothing it answers can be counted right under corruption`,
  async evaluate(subject: Subject, options: RobustnessOptions): Promise<Findings> {
    const trials = await trialsOf(subject, options)
    const results = measureResults(trials, subject.seed)
    return {
      ...numbersOf(results, trials.passes),
      sections: [
        tableSection(results),
        await curvesSection(results),
        ...(await exampleSections({ subject, square: squareOf(subject), trials, results })),
      ],
      figures: robustnessFigures(results),
    }
  },
} satisfies Evaluator<RobustnessOptions>

function trialsOf(subject: Subject, options: RobustnessOptions): Promise<Trials> {
  const { policy } = subject
  const { label, templates, tolerances: limits } = options
  const conditions = usableConditions(subject, options)
  if (policy) return policyTrials(subject, policy, conditions, limits)
  if (label === undefined) return retrievalTrials(subject, conditions)
  return zeroShotTrials(subject, conditions, { label }, templatesOf(templates))
}

/**
 * Conditions that the model can be judged under; axes that are left out are told.
 * @throws DataError `evaluation/no-condition` when none is left.
 */
function usableConditions(subject: Subject, options: RobustnessOptions): Condition[] {
  const classifies = !subject.policy && options.label !== undefined
  const kept = options.axes.filter((axis) => !classifies || axes[axis].of === 'images')
  const conditions = conditionsOf([...new Set(kept)], [...new Set(options.severities)].sort())
  const missing = options.axes.filter((name) => !conditions.some(({ axis }) => axis === name))
  const reason = classifies
    ? 'prompts are not corrupted, and noise has severities 1 to 3'
    : 'noise has severities 1 to 3'
  if (conditions.length === 0)
    throw new DataError(
      'evaluation/no-condition',
      `no axis is left to test the robustness on ${subject.name}: ${reason}. Name other axes or severities`,
      { axes: options.axes, severities: options.severities },
    )
  if (missing.length > 0)
    subject.note(`robustness on ${subject.name} leaves out ${missing.join(' and ')}: ${reason}.`)
  return conditions
}

function squareOf({ dualEncoder, policy }: Subject) {
  const { augment: _, ...square } = imageOptionsOf((dualEncoder ?? policy)!.description.image)
  return square
}
