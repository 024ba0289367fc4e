import { isDeepStrictEqual } from 'node:util'
import { ConfigError } from '../../../core/index.ts'
import type { ArrayKinds } from '../../array-rows.ts'
import { joinedStatistics } from '../../lerobot/statistics.ts'
import type { ArrayKind } from '../../sample.ts'
import type { Source } from '../../source.ts'
import type { Parts } from './parts.ts'

/**
 * Arrays that all parts declare alike.
 * @throws ConfigError `data/composition` where they differ in name, dtype, shape, unit or the order of their values; the
 * message lists both sides.
 */
export function arraysOfParts(parts: Parts): { readonly arrays?: ArrayKinds } {
  const [[first, { arrays }] = ['', {} as Source], ...others] = Object.entries(parts)
  for (const [part, { arrays: further }] of others) {
    const names = new Set([...Object.keys(arrays ?? {}), ...Object.keys(further ?? {})])
    for (const array of names) {
      const problem = difference(arrays?.[array], further?.[array])
      if (problem === undefined) continue
      const sides = `${first} has ${listed(arrays)}; ${part} has ${listed(further)}`
      const message = `all parts bring the same arrays, but "${array}" ${problem} ${first} and ${part}. ${sides}`
      throw new ConfigError('data/composition', message, { array, parts: [first, part] })
    }
  }
  return arrays === undefined ? {} : { arrays }
}

/** What is different about two arrays of one name, as words before the names of their parts. */
function difference(a: ArrayKind | undefined, b: ArrayKind | undefined): string | undefined {
  if (a === undefined || b === undefined) return 'is not in both'
  const { names: here, ...own } = a
  const { names: there, ...others } = b
  if (!isDeepStrictEqual(own, others)) return 'differs between'
  if (here === undefined || there === undefined || isDeepStrictEqual(here, there)) return undefined
  if (isDeepStrictEqual([...here].sort(), [...there].sort())) return 'has its values in another order in'
  const unlike = here.findIndex((name, i) => {
    const [unit, other] = [unitOf(name), unitOf(there[i]!)]
    return unit !== undefined && other !== undefined && unit !== other
  })
  return unlike < 0 ? undefined : `has "${here[unlike]}" and "${there[unlike]}", of different units, in`
}

/** Units at the ends of names: `wrist_deg`, `gripper (mm)`. */
const units: Readonly<Record<string, string>> = {
  ...{
    deg: 'degrees',
    degree: 'degrees',
    degrees: 'degrees',
    rad: 'radians',
    radian: 'radians',
    radians: 'radians',
  },
  ...{ m: 'metres', meter: 'metres', meters: 'metres', mm: 'millimetres', cm: 'centimetres' },
}

function unitOf(name: string): string | undefined {
  const [, last = ''] = /[_.\s(/-]([a-z]+)\)?$/i.exec(name) ?? []
  return units[last.toLowerCase()]
}

const listed = (kinds: ArrayKinds = {}): string =>
  Object.entries(kinds)
    .map(
      ([name, { dtype, shape, names }]) =>
        `${name} ${dtype} [${shape}]${names ? ` (${names.join(', ')})` : ''}`,
    )
    .join(', ') || 'none'

/**
 * Cameras that all parts have in one order.
 * @throws ConfigError `data/composition` that lists both sides.
 */
export function camerasOfParts(parts: Parts): Pick<Source, 'cameras'> {
  const [[first, { cameras }] = ['', {} as Source], ...others] = Object.entries(parts)
  for (const [part, { cameras: further }] of others)
    if (!isDeepStrictEqual(cameras, further)) {
      const [here, there] = [cameras, further].map((names) => names?.join(', ') ?? 'one without a name')
      const message =
        `all parts have the same cameras in one order, but ${first} has ${here}, and ${part} has ${there}; ` +
        'choose them by `cameras`, and map names by `features`'
      throw new ConfigError('data/composition', message, { parts: [first, part] })
    }
  return cameras === undefined ? {} : { cameras }
}

/**
 * Statistics of a mixture: those of its parts, joined by their weights. Of an array for which a part has none there are
 * none.
 */
export function statisticsOfParts(
  parts: Parts,
  weights: Readonly<Record<string, number>>,
): Pick<Source, 'statistics'> {
  const [first] = Object.values(parts)
  const names = Object.keys(first?.statistics ?? {}).filter((name) =>
    Object.values(parts).every(({ statistics }) => statistics?.[name] !== undefined),
  )
  if (names.length === 0) return {}
  const joined = names.map((name) => {
    const own = Object.entries(parts).map(([part, { statistics }]) => ({
      statistics: statistics![name]!,
      weight: weights[part] ?? 1,
    }))
    return [name, joinedStatistics(own)] as const
  })
  return { statistics: Object.fromEntries(joined) }
}
