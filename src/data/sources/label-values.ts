import { type DataError, excerpt } from '../../core/index.ts'
import { labelRangeProblem } from '../label-range.ts'
import type { LabelKinds, Labels } from '../label-rows.ts'

export type { LabelKinds }

/**
 * Labels among the values of a row, by their names. A value is a number, a list of numbers, or text with numbers
 * between spaces or commas; an empty value (null, an empty text) means that the sample lacks the label.
 * @returns undefined where no labels are described.
 * @throws the error that `bad` makes of a value that holds no numbers, or numbers out of the range of their kind.
 */
export function labelsOf(
  values: Readonly<Record<string, unknown>>,
  kinds: LabelKinds,
  bad: (problem: string) => DataError,
): Labels | undefined {
  const names = Object.keys(kinds)
  if (names.length === 0) return undefined
  const found = names.flatMap((name) => {
    const numbers = numbersOf(values[name])
    if (numbers.length === 0) return []
    if (!numbers.every((number) => typeof number === 'number'))
      throw bad(`its label "${name}" is ${excerpt(textOf(values[name]))}, which is no list of numbers`)
    const problem = labelRangeProblem(numbers, kinds[name]!)
    if (problem) throw bad(`its label "${name}" ${problem}`)
    return [[name, numbers] as const]
  })
  return Object.fromEntries(found)
}

/** Numbers of a value; undefined in place of a part that is no number. */
function numbersOf(value: unknown): (number | undefined)[] {
  if (value === null || value === undefined) return []
  if (typeof value === 'string')
    return value.split(/[\s,]+/).flatMap((part) => (part === '' ? [] : [numberOf(part)]))
  if (Array.isArray(value) || ArrayBuffer.isView(value))
    return Array.from(value as ArrayLike<unknown>, numberOf)
  return [numberOf(value)]
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'boolean' || typeof value === 'bigint') return Number(value)
  const number = typeof value === 'string' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, part) => {
    const isPlain = typeof part !== 'bigint' && (typeof part !== 'number' || Number.isFinite(part))
    return isPlain ? part : String(part)
  })
