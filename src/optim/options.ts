import { ConfigError, nearestName } from '../core/index.ts'

/** The values an option may take, in words for the error message. */
export interface Range {
  readonly words: string
  readonly holds: (value: unknown) => boolean
}

const isNumber = (value: unknown): value is number => Number.isFinite(value)
const isCount = (value: unknown): value is number => Number.isSafeInteger(value)

export const atLeastZero: Range = { words: 'a number ≥ 0', holds: (x) => isNumber(x) && x >= 0 }
export const belowOne: Range = {
  words: 'a number ≥ 0 and < 1',
  holds: (x) => isNumber(x) && x >= 0 && x < 1,
}
export const fraction: Range = {
  words: 'a number from 0 to 1',
  holds: (x) => isNumber(x) && x >= 0 && x <= 1,
}
export const count: Range = { words: 'a whole number ≥ 0', holds: (x) => isCount(x) && x >= 0 }
export const countFromOne: Range = { words: 'a whole number ≥ 1', holds: (x) => isCount(x) && x >= 1 }
export const flag: Range = { words: 'true or false', holds: (x) => typeof x === 'boolean' }
export const text: Range = { words: 'a text', holds: (x) => typeof x === 'string' }

type Resolved<Options> = { readonly [Name in keyof Options]-?: Required<Options>[Name] }

/**
 * The options of `owner` with defaults filled in.
 * @param table For every option its default and its range.
 * @throws ConfigError as {@link checkOptions}.
 */
export function resolveOptions<Options extends object>(
  owner: string,
  given: Options,
  table: { readonly [Name in keyof Options]-?: readonly [Required<Options>[Name], Range] },
): Resolved<Options> {
  const rows = Object.entries<readonly [unknown, Range]>(table)
  checkOptions(owner, given, Object.fromEntries(rows.map(([name, [, range]]) => [name, range])))
  const values = new Map(Object.entries(given))
  return Object.fromEntries(
    rows.map(([name, [fallback]]) => [name, values.get(name) ?? fallback]),
  ) as Resolved<Options>
}

/**
 * @throws ConfigError `optim/unknown-option` for a name without a range, `optim/option-range` for a value
 * outside its range. An undefined value counts as not given.
 */
export function checkOptions(owner: string, given: object, ranges: Readonly<Record<string, Range>>): void {
  for (const [option, value] of Object.entries(given)) {
    const range = ranges[option]
    if (!range) throw unknownOption(owner, option, Object.keys(ranges))
    if (value === undefined || range.holds(value)) continue
    throw new ConfigError('optim/option-range', `${owner}: ${option} must be ${range.words}, not ${value}`, {
      owner,
      option,
      value,
    })
  }
}

function unknownOption(owner: string, option: string, names: readonly string[]): ConfigError {
  const nearest = nearestName(option, names)
  const way = nearest ? `did you mean '${nearest}'?` : `it takes ${names.join(', ')}`
  return new ConfigError('optim/unknown-option', `${owner} has no option '${option}'; ${way}`, {
    owner,
    option,
    nearest,
  })
}
