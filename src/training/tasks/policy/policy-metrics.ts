import { type Batch, DataError, joinRows } from '../../../core/index.ts'
import {
  type Compared,
  type HeadConfig,
  type HeadMetrics,
  type HeadValues,
  headKindOf,
  headLabels,
  labelsOf,
  type PolicyRunner,
  type PolicyValues,
  type Tolerances,
} from '../../../models/index.ts'
import type { Metrics } from '../../task.ts'
import { presence } from './label-weights.ts'

/**
 * Metrics of each head by its name, and `success`, the mean over the heads, for a monitor. Heads without labelled
 * samples are left out.
 * @param onBatch Function that also sees each batch and what the policy answered.
 * @throws DataError `data/no-labels` when all heads are left out.
 */
export async function policyMetrics(
  policy: PolicyRunner,
  heads: Readonly<Record<string, HeadConfig>>,
  tolerances: Tolerances,
  batches: AsyncIterable<Batch>,
  onBatch?: (batch: Batch, values: PolicyValues) => void,
): Promise<Metrics> {
  const collected = new Map(Object.keys(heads).map((name) => [name, new Collected()]))
  for await (const batch of batches) {
    const { pixelValues, inputIds } = batch.arrays
    const values = await policy.run(pixelValues!, inputIds!)
    onBatch?.(batch, values)
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
    for (const { output, label } of headLabels(head)) this.#add(output, label, values[output]!, batch)
  }

  /** Rows by output; outputs whose label no sample had are missing. */
  get compared(): Readonly<Record<string, Compared>> {
    const entries = Array.from(this.#rows, ([output, { predictions, targets }]) => {
      return [output, { predictions: joinRows(predictions), targets: joinRows(targets) }] as const
    })
    return Object.fromEntries(entries)
  }

  #add(output: string, label: string, predictions: Float32Array, batch: Batch): void {
    if (!(label in batch.arrays)) return
    const has = presence(batch, label)
    const width = predictions.length / has.length
    const targets = batch.arrays[label]!.data as Float32Array
    for (const [row, present] of has.entries()) {
      if (present !== 1) continue
      const rows = this.#rows.get(output) ?? { predictions: [], targets: [] }
      this.#rows.set(output, rows)
      rows.predictions.push(predictions.slice(row * width, (row + 1) * width))
      rows.targets.push(targets.slice(row * width, (row + 1) * width))
    }
  }
}

/** Metrics of a head; undefined when no sample had a label that the head needs. */
function metricsOf(
  head: HeadConfig,
  { compared }: Collected,
  tolerances: Tolerances,
): HeadMetrics | undefined {
  const isMeasured = headLabels(head).every(({ output, isOptional }) => isOptional || output in compared)
  return isMeasured ? headKindOf(head).metrics(compared, head, tolerances) : undefined
}
