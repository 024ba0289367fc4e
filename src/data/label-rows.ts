import { type DataError, type HostArray, zeros } from '../core/index.ts'
import { labelLength, labelRangeProblem } from './label-range.ts'
import type { LabelKind, Sample } from './sample.ts'
import { badSample, samplePlace } from './sources/bad-sample.ts'

/** Kinds of the labels of a data set, by name. */
export type LabelKinds = Readonly<Record<string, LabelKind>>

/** The labels of one sample, by name. */
export type Labels = Readonly<Record<string, readonly number[]>>

/** Length of a label in a row of a batch: a class is a distribution there. */
export const labelWidth = (kind: LabelKind): number =>
  kind.kind === 'class' ? kind.classes : labelLength(kind)

/** Name of the array that marks the samples of a batch that have the label. */
export const presentName = (name: string): string => `${name}Present`

/**
 * First problem of the labels of a sample: a label that its source does not describe, or numbers that are not of its
 * kind: see {@link labelRangeProblem}.
 * @returns A DataError `data/bad-label` naming the sample and the label; undefined when there is none.
 */
export function labelProblem(
  sample: Pick<Sample, 'id' | 'origin' | 'labels'>,
  kinds: LabelKinds,
): DataError | undefined {
  for (const [name, numbers] of Object.entries(sample.labels ?? {})) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
    const problem = kind
      ? labelRangeProblem(numbers, kind)
      : 'is not among the labels that its source describes'
    if (problem === undefined) continue
    const { id, origin } = sample
    const facts = { sample: id, ...origin, label: name, numbers }
    return badSample('data/bad-label', samplePlace(sample), `its label "${name}" ${problem}`, facts)
  }
  return undefined
}

/** Arrays for the labels of `count` samples, all of them absent. */
export function emptyLabelRows(kinds: LabelKinds, count: number): Record<string, HostArray<'float32'>> {
  const rows: Record<string, HostArray<'float32'>> = {}
  for (const [name, kind] of Object.entries(kinds)) {
    rows[name] = zeros('float32', [count, labelWidth(kind)])
    rows[presentName(name)] = zeros('float32', [count])
  }
  return rows
}

/** Write the labels of one sample into its row; missing labels stay zero. */
export function writeLabels(
  arrays: Readonly<Record<string, HostArray<'float32'>>>,
  row: number,
  labels: Labels,
  kinds: LabelKinds,
): void {
  for (const [name, numbers] of Object.entries(labels)) {
    const kind = kinds[name]!
    const values = arrays[name]!.data
    const start = row * labelWidth(kind)
    if (kind.kind === 'class') values[start + numbers[0]!] = 1
    else values.set(numbers, start)
    arrays[presentName(name)]!.data[row] = 1
  }
}
