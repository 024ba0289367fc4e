import { type Batch, joinRows } from '../../core/index.ts'
import {
  type HeadConfig,
  type HeadLabel,
  headLabels,
  type PolicyValues,
  type Tolerances,
} from '../../models/index.ts'
import { judgeSample } from '../policy-examples/judge-sample.ts'

/** Predictions and truth of the samples that have a label, [samples, width] each. */
export interface LabelAnswers {
  readonly label: HeadLabel
  readonly ids: readonly string[]
  readonly predictions: Float32Array
  readonly targets: Float32Array
}

/** Values of a metric, a sample each. */
export interface MetricSamples {
  readonly ids: string[]
  readonly values: number[]
}

/** Answers of a policy's heads, batch after batch. */
export class HeadAnswers {
  readonly #heads: Readonly<Record<string, HeadConfig>>
  readonly #tolerances: Tolerances
  readonly #samples = new Map<string, Record<string, MetricSamples>>()
  readonly #labels = new Map<
    string,
    { ids: string[]; predictions: Float32Array[]; targets: Float32Array[] }
  >()

  constructor(heads: Readonly<Record<string, HeadConfig>>, tolerances: Tolerances) {
    this.#heads = heads
    this.#tolerances = tolerances
  }

  /** Take the answers to a batch. */
  add(batch: Batch, values: PolicyValues): void {
    for (const [row, id] of batch.ids.entries()) this.#addSample(batch, values, row, id)
    for (const [name, head] of Object.entries(this.#heads))
      for (const label of headLabels(head)) this.#addLabel(name, label, batch, values)
  }

  /**
   * Metrics of a head, each of the samples that have the labels for it; undefined where no sample has the labels of the head.
   */
  samples(head: string): Readonly<Record<string, MetricSamples>> | undefined {
    return this.#samples.get(head)
  }

  /** Rows of each label of a head that any sample has. */
  labels(name: string): readonly LabelAnswers[] {
    return headLabels(this.#heads[name]!).flatMap((label) => {
      const rows = this.#labels.get(keyOf(name, label))
      if (!rows) return []
      return [
        { label, ids: rows.ids, predictions: joinRows(rows.predictions), targets: joinRows(rows.targets) },
      ]
    })
  }

  #addSample(batch: Batch, values: PolicyValues, row: number, id: string): void {
    for (const { head, metrics } of judgeSample(this.#heads, this.#tolerances, batch, values, row)) {
      const known = this.#samples.get(head) ?? {}
      this.#samples.set(head, known)
      for (const [name, value] of Object.entries(metrics)) {
        known[name] ??= { ids: [], values: [] }
        known[name].ids.push(id)
        known[name].values.push(value)
      }
    }
  }

  #addLabel(name: string, label: HeadLabel, { ids, arrays }: Batch, values: PolicyValues): void {
    const [targets, present] = [arrays[label.label], arrays[`${label.label}Present`]]
    const predictions = values.heads[name]?.[label.output]
    if (!targets || !predictions) return
    const width = predictions.length / ids.length
    const rows = this.#labels.get(keyOf(name, label)) ?? { ids: [], predictions: [], targets: [] }
    for (const [row, id] of ids.entries()) {
      if (present?.data[row] !== 1) continue
      this.#labels.set(keyOf(name, label), rows)
      rows.ids.push(id)
      rows.predictions.push(predictions.slice(row * width, (row + 1) * width))
      rows.targets.push((targets.data as Float32Array).slice(row * width, (row + 1) * width))
    }
  }
}

const keyOf = (head: string, { output }: HeadLabel): string => `${head}/${output}`
