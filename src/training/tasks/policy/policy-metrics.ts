import { type Batch, DataError } from '../../../core/index.ts'
import {
  classification,
  detection,
  fractionWithinTolerance,
  joints,
  pose,
  position,
} from '../../../metrics/index.ts'
import { type HeadConfig, type HeadValues, labelsOf, type PolicyPrograms } from '../../../models/index.ts'
import type { Metrics } from '../../task.ts'
import { presence } from './label-weights.ts'

/** What counts as success, in physical units. */
export interface Tolerances {
  /** Least intersection over union of a box that is found, exclusive. */
  readonly overlap: number
  /** Largest distance of a grasp, in metres, and its largest angle, in radians. */
  readonly graspPosition: number
  readonly graspRotation: number
  /** Largest distance of a position, in metres. */
  readonly position: number
  /** Largest error of any joint, in radians. */
  readonly joint: number
  /** Largest error of any number of a regression, in its unit. */
  readonly number: number
}

/** Predictions and truth of the samples that have a label, [samples, width] each. */
interface Compared {
  readonly predictions: Float32Array
  readonly targets: Float32Array
}

/**
 * Numbers of each head by its name, and `success`, the mean of theirs: what a monitor may watch. Heads for whose labels
 * there is no sample are left out.
 * @throws DataError `data/no-labels` when that are all of them.
 */
export async function policyMetrics(
  programs: PolicyPrograms,
  heads: Readonly<Record<string, HeadConfig>>,
  tolerances: Tolerances,
  batches: AsyncIterable<Batch>,
): Promise<Metrics> {
  const collected = new Map(Object.keys(heads).map((name) => [name, new Collected()]))
  for await (const batch of batches) {
    const { pixelValues, inputIds } = batch.arrays
    const values = await programs.run(pixelValues!, inputIds!)
    for (const [name, head] of Object.entries(heads))
      collected.get(name)!.add(head, values.heads[name]!, batch)
  }
  const entries = Object.entries(heads).flatMap(([name, head]) => {
    const metrics = metricsOf(head, collected.get(name)!, tolerances)
    return metrics ? [[name, metrics] as const] : []
  })
  if (entries.length === 0) {
    const wanted = Object.values(heads).flatMap(labelsOf).join(', ')
    const message = `nothing can be measured: no sample of the data has a label that a head predicts (${wanted})`
    throw new DataError('data/no-labels', message, { heads: Object.keys(heads) })
  }
  const success = entries.reduce((sum, [, metrics]) => sum + metrics.success, 0) / entries.length
  return { ...Object.fromEntries(entries), success }
}

/** Rows of a head's outputs and labels, batch after batch. */
class Collected {
  readonly #rows = new Map<string, { predictions: Float32Array[]; targets: Float32Array[] }>()

  add(head: HeadConfig, values: HeadValues, batch: Batch): void {
    if (head.kind === 'detection') {
      this.#add(head.box, values.box!, batch)
      if (head.category !== undefined) this.#add(head.category, values.category!, batch)
    } else this.#add(head.label, (head.kind === 'classification' ? values.category : values.values)!, batch)
  }

  /** Undefined when no sample had the label. */
  of(label: string): Compared | undefined {
    const rows = this.#rows.get(label)
    return rows && { predictions: joined(rows.predictions), targets: joined(rows.targets) }
  }

  #add(label: string, predictions: Float32Array, batch: Batch): void {
    if (!(label in batch.arrays)) return
    const has = presence(batch, label)
    const width = predictions.length / has.length
    const targets = batch.arrays[label]!.data as Float32Array
    for (const [row, present] of has.entries()) {
      if (present !== 1) continue
      const rows = this.#rows.get(label) ?? { predictions: [], targets: [] }
      this.#rows.set(label, rows)
      rows.predictions.push(predictions.slice(row * width, (row + 1) * width))
      rows.targets.push(targets.slice(row * width, (row + 1) * width))
    }
  }
}

/** Those numbers of a head of which more is better: fractions, which a monitor may watch. */
export function scoreNames(head: HeadConfig): readonly string[] {
  switch (head.kind) {
    case 'detection':
      return ['success', 'meanOverlap', ...(head.category === undefined ? [] : ['accuracy'])]
    case 'classification':
      return ['success', 'accuracy']
    default:
      return ['success']
  }
}

type HeadMetrics = Metrics & { readonly success: number }

/** Undefined when no sample had the head's label. `success` is the part of the samples within tolerance. */
function metricsOf(head: HeadConfig, collected: Collected, tolerances: Tolerances): HeadMetrics | undefined {
  const compared = collected.of(head.kind === 'detection' ? head.box : head.label)
  if (!compared) return undefined
  switch (head.kind) {
    case 'detection': {
      const { meanOverlap, foundFraction } = detection({ ...compared, threshold: tolerances.overlap })
      const categories = head.category === undefined ? undefined : collected.of(head.category)
      return { success: foundFraction, meanOverlap, ...(categories && accuracy(categories, head.classes)) }
    }
    case 'pose': {
      const { graspPosition, graspRotation } = tolerances
      const input = { ...compared, positionTolerance: graspPosition, rotationTolerance: graspRotation }
      const { withinFraction, ...errors } = pose(input)
      return { success: withinFraction, ...errors }
    }
    case 'position': {
      const { withinFraction, ...errors } = position({ ...compared, tolerance: tolerances.position })
      return { success: withinFraction, ...errors }
    }
    case 'joints': {
      const input = { ...compared, joints: head.length, tolerance: tolerances.joint }
      const { withinFraction, ...errors } = joints(input)
      return { success: withinFraction, ...errors }
    }
    case 'regression': {
      const tolerance = Array.from({ length: head.length }, () => tolerances.number)
      return { success: fractionWithinTolerance({ ...compared, tolerance }) }
    }
    case 'classification': {
      const numbers = accuracy(compared, head.classes)
      return { success: numbers.accuracy, ...numbers }
    }
  }
}

/** The likeliest class of the truth, which may be a distribution, against that of the prediction. */
function accuracy({ predictions, targets }: Compared, classes: number): { accuracy: number } {
  const labels = Array.from({ length: targets.length / classes }, (_, row) => {
    const truth = targets.subarray(row * classes, (row + 1) * classes)
    return truth.indexOf(Math.max(...truth))
  })
  return { accuracy: classification({ scores: predictions, classes, labels }).accuracy }
}

function joined(rows: readonly Float32Array[]): Float32Array {
  const width = rows[0]!.length
  const result = new Float32Array(rows.length * width)
  rows.forEach((row, i) => {
    result.set(row, i * width)
  })
  return result
}
