import type { Batch } from '../../core/index.ts'
import {
  type Compared,
  type HeadConfig,
  type HeadMetrics,
  headKindOf,
  headLabels,
  type PolicyValues,
  type Tolerances,
} from '../../models/index.ts'

/** One output of a head for one sample, beside its label. */
export interface Answer {
  readonly label: string
  readonly kind: string
  readonly found: readonly number[]
  readonly right: readonly number[]
}

/** A head's answers about one sample, and how good they are. */
export interface Verdict {
  readonly head: string
  readonly success: boolean
  /** Metrics of this sample alone. */
  readonly metrics: HeadMetrics
  /** The larger, the worse: among failures, and among successes. */
  readonly error: number
  readonly answers: readonly Answer[]
}

/** Verdicts over one sample of a batch, for each head whose labels it has. */
export function judgeSample(
  heads: Readonly<Record<string, HeadConfig>>,
  tolerances: Tolerances,
  batch: Batch,
  values: PolicyValues,
  row: number,
): readonly Verdict[] {
  return Object.entries(heads).flatMap(([name, head]) => {
    const answers = headLabels(head).flatMap(({ output, label, kind, isOptional }) => {
      const compared = comparedAt(batch, label, values.heads[name]![output]!, row)
      return compared ? [{ output, label, kind, isOptional, ...compared }] : []
    })
    const needed = headLabels(head).filter(({ isOptional }) => !isOptional)
    if (!needed.every(({ output }) => answers.some((answer) => answer.output === output))) return []
    const compared = Object.fromEntries(
      answers.map(({ output, predictions, targets }) => [output, { predictions, targets }]),
    )
    const metrics = headKindOf(head).metrics(compared, head, tolerances)
    return [
      {
        head: name,
        success: metrics.success === 1,
        metrics,
        error: errorOf(metrics, head),
        answers: answers.map(({ label, kind, predictions, targets }) => ({
          label,
          kind,
          found: [...predictions],
          right: [...targets],
        })),
      },
    ]
  })
}

/** Prediction and target of one sample; undefined where it lacks the label. */
function comparedAt(
  { ids, arrays }: Batch,
  label: string,
  predictions: Float32Array,
  row: number,
): Compared | undefined {
  const targets = arrays[label]
  if (!targets || arrays[`${label}Present`]?.data[row] !== 1) return undefined
  const width = predictions.length / ids.length
  const part = [row * width, (row + 1) * width] as const
  return {
    predictions: predictions.slice(...part),
    targets: (targets.data as Float32Array).slice(...part),
  }
}

/** The first error of a head beside its success, in the direction in which it gets worse. */
function errorOf(metrics: HeadMetrics, head: HeadConfig): number {
  const [main] = Object.entries(headKindOf(head).directions(head)).filter(([name]) => name !== 'success')
  if (main === undefined) return 0
  const [name, direction] = main
  return (direction === 'max' ? -1 : 1) * (metrics[name] ?? 0)
}
