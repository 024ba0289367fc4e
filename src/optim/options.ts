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

/** For every option its default and its range. */
export type OptionTable<Options> = {
  readonly [Name in keyof Options]-?: readonly [Required<Options>[Name], Range]
}

/**
 * The options of `owner` with defaults filled in.
 * @throws ConfigError `optim/unknown-option` for a name that is not in the table, `optim/option-range` for a
 * value outside its range.
 */
export function resolveOptions<Options extends object>(
  owner: string,
  given: Options,
  table: OptionTable<Options>,
): { readonly [Name in keyof Options]-?: Required<Options>[Name] } {
  const rows = Object.entries<readonly [unknown, Range]>(table)
  const names = rows.map(([name]) => name)
  const values = new Map(Object.entries(given).filter(([, value]) => value !== undefined))
  for (const name of values.keys()) {
    if (!names.includes(name)) throw unknownOption(owner, name, names)
  }
  const resolved = rows.map(([name, [fallback, range]]) => {
    const value: unknown = values.get(name) ?? fallback
    if (!range.holds(value)) {
      const message = `${owner}: ${name} must be ${range.words}, not ${value}`
      throw new ConfigError('optim/option-range', message, { owner, option: name, value })
    }
    return [name, value]
  })
  return Object.fromEntries(resolved)
}

function unknownOption(owner: string, option: string, names: readonly string[]): ConfigError {
  const nearest = nearestName(option, names)
  const way = nearest ? `did you mean '${nearest}'?` : `it takes ${names.join(', ') || 'none'}`
  return new ConfigError('optim/unknown-option', `${owner} has no option '${option}'; ${way}`, {
    owner,
    option,
    nearest,
  })
}
