import { z } from 'zod'
import { type SourceSpec, sourceSpec } from '../../data/index.ts'
import { probeScores, softmaxRows } from '../../metrics/index.ts'
import { formatNumber, htmlTable, type Section } from '../../report/index.ts'
import type { Evaluator, Findings } from '../suite/evaluator.ts'
import type { Subject } from '../suite/subject.ts'
import { classificationFindings } from './classification-findings.ts'
import { type FittedProbe, fittedProbe } from './fitted-probe.ts'
import { type LabelledData, labelledData, sharedClasses, withClasses } from './labelled-data.ts'
import { requiresOtherData } from './requires-dual-encoder.ts'

export interface LinearProbeOptions {
  readonly kind: 'linearProbe'
  /** Data that the probe learns from. */
  readonly train: SourceSpec
  /** Data by which its strength is chosen. Default: a fifth of each class of `train`. */
  readonly validation?: SourceSpec
  /** Name of a label of kind `class`. Default: the only one; without any, the concepts, named by their first caption. */
  readonly label?: string
}

const schema: z.ZodType<LinearProbeOptions> = z.strictObject({
  kind: z.literal('linearProbe'),
  train: sourceSpec,
  validation: sourceSpec.exactOptional(),
  label: z.string().exactOptional(),
})

/** Options of {@link linearProbeEvaluator} for a suite. */
export const linearProbe = (options: Omit<LinearProbeOptions, 'kind'>) =>
  ({ kind: 'linearProbe', ...options }) as const

/**
 * Linear probe: logistic regression on the frozen image features of training data, judged on the data set. Classes belong together
 * by name. The strength of its penalty is chosen on validation data, never on what it is judged on.
 *
 * Source: Radford et al., "Learning Transferable Visual Models From Natural Language Supervision" (2021), appendix A.3.
 */
export const linearProbeEvaluator = {
  schema,
  refusal(subject, options) {
    return requiresOtherData(subject, options)
  },
  async evaluate(subject: Subject, { train, validation, label }: LinearProbeOptions): Promise<Findings> {
    const choice = label === undefined ? {} : { label }
    const judged = await labelledData(subject, choice)
    const learned = await labelledData(subject, choice, { name: `${subject.name}/train`, spec: train })
    const chosen =
      validation &&
      (await labelledData(subject, choice, { name: `${subject.name}/validation`, spec: validation }))
    const names = sharedClasses(learned, judged)
    const test = withClasses(judged, names, { finite: false })
    tellUnshared(subject, judged.labels.length - test.labels.length, 'classes that the probe does not learn')
    const [taught, choosing] = usable(subject, names, learned, chosen)
    const fitted = fittedProbe(taught, choosing, subject.seed)
    if (!fitted.probe.converged)
      subject.note(
        `The probe did not converge in ${fitted.probe.iterations} iterations; more might change its numbers.`,
      )
    const scores = probeScores(fitted.probe, test.images)
    const probabilities = softmaxRows(scores, names.length)
    const { labels, ids, clusters } = test
    const { samples } = judged.data.features
    const findings = await classificationFindings({
      ...{ names, labels, ids, clusters, scores, probabilities, samples },
      seed: subject.seed,
    })
    return {
      ...findings,
      details: { ...findings.details, probe: summaryOf(fitted) },
      sections: [...findings.sections, strengthSection(fitted)],
    }
  },
} satisfies Evaluator<LinearProbeOptions>

/** Data that a probe learns from and that its strength is chosen on: of shared classes, with features that are finite. */
function usable(
  subject: Subject,
  names: readonly string[],
  learned: LabelledData,
  chosen: LabelledData | undefined,
): readonly [taught: LabelledData, choosing: LabelledData | undefined] {
  const taught = withClasses(learned, names, { finite: true })
  const unused = learned.labels.length - taught.labels.length
  tellUnshared(subject, unused, 'no use to the probe, which learns without them')
  if (!chosen) return [taught, undefined]
  const choosing = withClasses(chosen, names, { finite: true })
  tellUnshared(
    subject,
    chosen.labels.length - choosing.labels.length,
    'no use to the choice of the strength: of other classes, or with features that are not finite',
  )
  return [taught, choosing]
}

function tellUnshared(subject: Subject, count: number, reason: string): void {
  if (count > 0) subject.note(`${count} samples are left out: they are of ${reason}.`)
}

const summaryOf = ({ inverseStrength, accuracy, probe, tried, samples }: FittedProbe) => ({
  ...{ inverseStrength, validationAccuracy: accuracy, tried, samples },
  ...{ converged: probe.converged, iterations: probe.iterations, gradientMaximum: probe.gradientMaximum },
})

function strengthSection({ tried, inverseStrength, samples, probe }: FittedProbe): Section {
  const columns = [
    { title: 'C' },
    { title: 'Validation accuracy %', digits: 1 },
    { title: 'Converged' },
    { title: 'Chosen' },
  ]
  const rows = tried.map((each) => [
    formatNumber(each.inverseStrength),
    100 * each.accuracy,
    each.converged ? 'yes' : 'no',
    each.inverseStrength === inverseStrength ? 'chosen' : '',
  ])
  const note =
    `Learned from ${samples.train} samples; C, the inverse strength of the penalty, was chosen on ${samples.validation} others or ` +
    `held-out ones. The chosen probe ${probe.converged ? `converged in ${probe.iterations} iterations` : 'did not converge'}.`
  return { title: 'Strength of the probe', note, body: htmlTable({ columns, rows }) }
}
