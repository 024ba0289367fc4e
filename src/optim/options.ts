import { checkOptions as check, type Range, ranges } from '../core/index.ts'

export type { Range } from '../core/index.ts'
export const { atLeastZero, belowOne, fraction, count, countFromOne, flag, text } = ranges

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

/** @throws ConfigError `optim/unknown-option` for an option without a range, `optim/option-range` for a value. */
export const checkOptions = (owner: string, given: object, table: Readonly<Record<string, Range>>): void =>
  check(owner, given, table, { range: 'optim/option-range', unknown: 'optim/unknown-option' })
