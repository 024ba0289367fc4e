import { didYouMean, nearestName } from './did-you-mean.ts'
import type { ErrorCode } from './error-codes.ts'
import { ConfigError } from './errors.ts'

/** The values an option may take, in words for the error message. */
export interface Range {
  readonly words: string
  readonly holds: (value: unknown) => boolean
}

const isNumber = (value: unknown): value is number => Number.isFinite(value)
const isCount = (value: unknown): value is number => Number.isSafeInteger(value)

/** The ranges that options have. */
export const ranges = {
  atLeastZero: { words: 'a number ≥ 0', holds: (x) => isNumber(x) && x >= 0 },
  belowOne: { words: 'a number ≥ 0 and < 1', holds: (x) => isNumber(x) && x >= 0 && x < 1 },
  fraction: { words: 'a number from 0 to 1', holds: (x) => isNumber(x) && x >= 0 && x <= 1 },
  whole: { words: 'a whole number', holds: isCount },
  count: { words: 'a whole number ≥ 0', holds: (x) => isCount(x) && x >= 0 },
  countFromOne: { words: 'a whole number ≥ 1', holds: (x) => isCount(x) && x >= 1 },
  flag: { words: 'true or false', holds: (x) => typeof x === 'boolean' },
  text: { words: 'a text', holds: (x) => typeof x === 'string' },
} as const satisfies Readonly<Record<string, Range>>

/** Whole numbers from `low` to `high`, both included. */
export const wholeFrom = (low: number, high: number): Range => ({
  words: `a whole number from ${low} to ${high}`,
  holds: (x) => isCount(x) && x >= low && x <= high,
})

/**
 * Check options against a range for each. An undefined value counts as not given.
 * @param owner Beginning of the message, such as `adamW`.
 * @param codes Codes of the errors; without `unknown`, an option that has no range is not checked.
 * @throws ConfigError `codes.range` for a value outside its range, `codes.unknown` for an option without one.
 */
export function checkOptions(
  owner: string,
  given: object,
  table: Readonly<Record<string, Range>>,
  codes: { readonly range: ErrorCode; readonly unknown?: ErrorCode },
): void {
  for (const [option, value] of Object.entries(given)) {
    const range = table[option]
    if (!range && codes.unknown) throw unknownOption(codes.unknown, owner, option, Object.keys(table))
    if (!range || value === undefined || range.holds(value)) continue
    const message = `${owner}: ${option} must be ${range.words}, not ${value}`
    throw new ConfigError(codes.range, message, { owner, option, value })
  }
}

function unknownOption(
  code: ErrorCode,
  owner: string,
  option: string,
  known: readonly string[],
): ConfigError {
  const message = `${owner} has no option '${option}'${didYouMean(option, known)}`
  return new ConfigError(code, message, { owner, option, nearest: nearestName(option, known) })
}
