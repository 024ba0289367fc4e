import { type DataError, type HostArray, zeros } from '../core/index.ts'
import type { LabelKind, Sample } from './sample.ts'
import { badSample, samplePlace } from './sources/bad-sample.ts'

/** Kinds of the labels of a data set, by name. */
export type LabelKinds = Readonly<Record<string, LabelKind>>

/** The labels of one sample, by name. */
export type Labels = Readonly<Record<string, readonly number[]>>

/** Length of a label in a sample. */
export function labelLength(kind: LabelKind): number {
  if ('length' in kind) return kind.length
  return { class: 1, box: 4, point: 2, position: 3, pose: 6 }[kind.kind]
}

/** Length of a label in a row of a batch: a class is a distribution there. */
export const labelWidth = (kind: LabelKind): number =>
  kind.kind === 'class' ? kind.classes : labelLength(kind)

/** Name of the array that marks the samples of a batch that have the label. */
export const presentName = (name: string): string => `${name}Present`

/**
 * First problem of the labels of a sample: a label that its source does not describe, too few or too many numbers,
 * numbers that are not finite, a class beyond the classes, a box whose edges are in the wrong order.
 * @returns A DataError `data/bad-label` naming the sample and the label; undefined when there is none.
 */
export function labelProblem(
  sample: Pick<Sample, 'id' | 'origin' | 'labels'>,
  kinds: LabelKinds,
): DataError | undefined {
  for (const [name, numbers] of Object.entries(sample.labels ?? {})) {
    const problem = problemOf(numbers, Object.hasOwn(kinds, name) ? kinds[name] : undefined)
    if (problem === undefined) continue
    const { id, origin } = sample
    const facts = { sample: id, ...origin, label: name, numbers }
    return badSample('data/bad-label', samplePlace(sample), `its label "${name}" ${problem}`, facts)
  }
  return undefined
}

function problemOf(numbers: readonly number[], kind: LabelKind | undefined): string | undefined {
  if (kind === undefined) return 'is not among the labels that its source describes'
  const length = labelLength(kind)
  if (numbers.length !== length) return `has ${numbers.length} numbers, but a ${kind.kind} here has ${length}`
  if (!numbers.every(Number.isFinite)) return `has numbers that are not finite: [${numbers.join(', ')}]`
  const [first = 0, top = 0, right = 0, bottom = 0] = numbers
  if (kind.kind === 'class' && !(Number.isInteger(first) && first >= 0 && first < kind.classes))
    return `is ${first}, which is none of the classes 0 to ${kind.classes - 1}`
  if (kind.kind === 'box' && (right < first || bottom < top))
    return `is [${numbers.join(', ')}], but a box is [left, top, right, bottom]`
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
