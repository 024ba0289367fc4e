import { z } from 'zod'
import { DataError, didYouMean } from '../../core/index.ts'
import { bootstrapStatistic, meanEstimate, median } from '../../metrics/index.ts'
import { type HeadConfig, headKindOf, labelsOf, tolerances } from '../../models/index.ts'
import { type Figure, humanize, percent } from '../../report/index.ts'
import { policyMetrics } from '../../training/index.ts'
import { PolicyExamples } from '../policy-examples/policy-examples.ts'
import { withShuffledCommands } from '../shuffled-commands.ts'
import { answerSections } from './answer-sections.ts'
import type { Evaluator, Findings } from './evaluator.ts'
import { HeadAnswers, type MetricSamples } from './head-answers.ts'
import { labelMeasures } from './label-measures.ts'
import type { Measured, SampleValues } from './measured.ts'
import type { Subject } from './subject.ts'

const schema = z.strictObject({
  kind: z.literal('answers'),
  /** Heads to judge. Default: all that the data has labels for. */
  heads: z.array(z.string()).nonempty().exactOptional(),
  /** Limits of success, in physical units. */
  tolerances: tolerances.prefault({}),
})

export type AnswersOptions = z.output<typeof schema>

/** Options of {@link answersEvaluator} for a suite. */
export const answers = (options: Omit<z.input<typeof schema>, 'kind'> = {}) =>
  ({ kind: 'answers', ...options }) as const

/**
 * Answers of a policy to labelled samples, head by head: success within tolerance with Wilson's interval, beside its control
 * with the commands of other samples (`shuffledSuccess`); errors in physical units with bootstrap intervals; and what
 * {@link labelMeasures} has for the kinds of labels. See `evaluatePolicy` for the control.
 * @throws DataError `data/no-labels` for data without a label that a head predicts.
 */
export const answersEvaluator = {
  schema,
  refusal({ policy, directory }, { heads: asked = [] }) {
    if (!policy) return `${directory} is no policy: it answers no commands`
    const heads = Object.keys(policy.description.model.config.heads)
    const missing = asked.find((name) => !heads.includes(name))
    return missing === undefined
      ? undefined
      : `${directory} has no head '${missing}'${didYouMean(missing, heads)}`
  },
  async evaluate(subject: Subject, { heads: asked, tolerances: limits }: AnswersOptions): Promise<Findings> {
    const { runner, description } = subject.policy!
    const all = description.model.config.heads
    const heads = asked ? Object.fromEntries(asked.map((name) => [name, all[name]!])) : all
    const found = new HeadAnswers(heads, limits)
    const examples = new PolicyExamples(heads, limits)
    const metrics = await policyMetrics(runner, heads, limits, subject.batches(), (batch, values) => {
      found.add(batch, values)
      examples.add(batch, values)
    })
    const control = new HeadAnswers(heads, limits)
    const shuffled = withShuffledCommands(subject.batches(), (count) => tellOwn(subject, count))
    await policyMetrics(runner, heads, limits, shuffled, (batch, values) => control.add(batch, values))
    const judged: JudgedHead[] = []
    for (const [name, head] of Object.entries(heads)) {
      const own = found.samples(name)
      if (!own) {
        requireAsked(subject, name, head, asked)
        continue
      }
      const samples: Record<string, SampleValues> = {}
      for (const [metric, values] of Object.entries(own)) samples[metric] = await clustered(subject, values)
      const other = await clustered(subject, control.samples(name)!.success!)
      judged.push({ name, head, samples, control: other, labels: found.labels(name) })
    }
    const parts = judged.map((each) =>
      headFindings(each, metrics[each.name], subject, description.image.size),
    )
    const sections = await answerSections(examples, parts, subject)
    return {
      metrics: Object.assign({}, ...parts.map((part) => part.metrics)),
      headline: parts.map(({ name }) => `${name}.success`),
      samples: Object.assign({}, ...parts.map((part) => part.samples)),
      details: Object.fromEntries(parts.map(({ name, details }) => [name, details])),
      sections,
      figures: parts.map(figureOf),
    }
  },
} satisfies Evaluator<AnswersOptions>

/** Values of a metric with the clusters of their samples. */
async function clustered(subject: Subject, { ids, values }: MetricSamples): Promise<SampleValues> {
  const clusters = await subject.clusters(ids)
  return { ids, values, ...(clusters && { clusters }) }
}

/** Tell of samples whose control is none. */
const tellOwn = ({ name, note }: Subject, count: number): void =>
  note(
    `${count} samples of '${name}' keep their own command in the control: no other of their batch has the same labels`,
  )

/** A head with all that it answered. */
interface JudgedHead {
  readonly name: string
  readonly head: HeadConfig
  readonly samples: Readonly<Record<string, SampleValues>>
  /** Success with the commands of other samples. */
  readonly control: SampleValues
  readonly labels: ReturnType<HeadAnswers['labels']>
}

/** Findings of one head. */
export interface HeadFindings {
  readonly name: string
  readonly metrics: Readonly<Record<string, Measured>>
  readonly samples: Readonly<Record<string, SampleValues>>
  readonly details: Readonly<Record<string, unknown>>
}

/** Tell of a head that has no labels in the data; refuse it where it was asked for. */
function requireAsked(
  { name, note }: Subject,
  head: string,
  config: HeadConfig,
  asked: readonly string[] | undefined,
) {
  const reason = `no sample of '${name}' has the labels of the head '${head}' (${labelsOf(config).join(', ')})`
  if (!asked) return note(`${reason}: it is left out`)
  throw new DataError('data/no-labels', `${reason}. Leave the head out, or take data with them`, {
    name,
    head,
  })
}

function headFindings(
  { name, head, samples, control, labels }: JudgedHead,
  whole: unknown,
  { name: data, seed, note }: Subject,
  side: number,
): HeadFindings {
  const directions = headKindOf(head).directions(head)
  const measured = Object.entries(samples).map(([metric, own]): [string, Measured] => {
    const value = (whole as Readonly<Record<string, number>>)[metric]!
    const better = directions[metric]
    const interval = intervalOf(metric, own, seed)
    return [`${name}.${metric}`, { value, interval, ...(better && { better }), count: own.values.length }]
  })
  const further = labelMeasures(labels, side, (text) => note(`'${data}', ${name}: ${text}`))
  const named = <Value>(entries: readonly (readonly [string, Value])[]) =>
    Object.fromEntries(entries.map(([metric, value]) => [`${name}.${metric}`, value]))
  return {
    name,
    metrics: {
      ...Object.fromEntries(measured),
      [`${name}.shuffledSuccess`]: successOf(control, seed),
      ...named(Object.entries(further.metrics)),
    },
    samples: {
      ...named(Object.entries(samples).filter(([metric]) => !isMedian(metric))),
      [`${name}.shuffledSuccess`]: control,
    },
    details: further.details ?? {},
  }
}

/** Success of the control, which is neither good nor bad. */
const successOf = (control: SampleValues, seed: number): Measured => ({
  value: control.values.filter((value) => value === 1).length / control.values.length,
  interval: intervalOf('success', control, seed),
  count: control.values.length,
})

const isMedian = (metric: string): boolean => metric.startsWith('median')

/** The interval of `meanEstimate` for means, the bootstrap's for medians; commands of one scene are a cluster. */
function intervalOf(
  metric: string,
  { values, clusters }: SampleValues,
  seed: number,
): readonly [number, number] {
  const options = { seed, clusters }
  if (!isMedian(metric)) return meanEstimate(values, options).interval
  const medianOf = (rows: Int32Array) => median(Float32Array.from(rows, (row) => values[row]!))
  return bootstrapStatistic(values.length, medianOf, options).interval
}

function figureOf({ name, metrics }: HeadFindings): Figure {
  const { value, interval, count } = metrics[`${name}.success`]!
  const shuffled = percent(metrics[`${name}.shuffledSuccess`]!.value)
  const range = interval ? `${percent(interval[0])} to ${percent(interval[1])}; ` : ''
  return {
    label: humanize(name),
    value: percent(value),
    more: `within tolerance, ${range}${shuffled} with other commands; ${count} samples`,
  }
}
