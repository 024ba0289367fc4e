import { ConfigError, DataError, didYouMean } from '../../../core/index.ts'
import type { Sample } from '../../sample.ts'
import type { Source } from '../../source.ts'
import { deliver, type Found, placesOf } from '../pass.ts'
import { describedLike } from './parts.ts'
import { interleaved, shareOf } from './share.ts'

/** Conditions that a sample must meet to stay, all of them. Plain data. */
export interface Keep {
  /** A regular expression that one of its captions matches somewhere, whatever the case of letters. */
  readonly caption?: string
  /** Least count of captions. */
  readonly minimumCaptions?: number
  /** Labels that the sample must have, all of them. */
  readonly labels?: readonly string[]
  /** Interval of kept places, from the first: 10 keeps places 0, 10, 20 … */
  readonly every?: number
  /** Interval of dropped places: 10 keeps places 1 to 9, 11 to 19 … so `every` and `exceptEvery` split a source. */
  readonly exceptEvery?: number
}

/**
 * Keep some of the samples of a source:
 *
 *     filter(folder('photos', options), { caption: '\\bcats?\\b', exceptEvery: 10 })
 *
 * A pass that begins at a later place looks at all samples before it, without decoding; with only `every` or
 * `exceptEvery` it goes there at once.
 * @throws ConfigError `data/filter` for an invalid expression, a label the source does not have, numbers out of range,
 * `every` and `exceptEvery` together, or no condition.
 */
export function filter(source: Source, keep: Keep): Source {
  check(keep, source)
  const byPlace = placesKept(keep)
  const matches = sampleTest(keep)
  const size = matches === undefined && source.size !== undefined ? byPlace?.count(source.size) : undefined
  return {
    name: `filter(${source.name})`,
    ...(source.spec && { spec: { kind: 'filter', of: source.spec, keep } }),
    ...(size !== undefined && { size }),
    ...describedLike(source),
    samples: ({ skip = 0, onBad } = {}) => deliver(kept(source, { byPlace, matches, skip }), onBad),
    share(member) {
      // Places of a part are not those of the whole.
      return byPlace ? interleaved(this, member) : filter(shareOf(source, member), keep)
    },
  }
}

interface Pass {
  readonly byPlace: PlacesKept | undefined
  readonly matches: ((sample: Sample) => boolean) | undefined
  readonly skip: number
}

async function* kept(source: Source, { byPlace, matches, skip }: Pass): AsyncGenerator<Found> {
  const canSeek = byPlace !== undefined && matches === undefined
  let place = canSeek ? byPlace.placeOf(skip) : 0
  let toSkip = canSeek ? 0 : skip
  for await (const found of placesOf(source, place)) {
    if (byPlace && !byPlace.has(place++)) continue
    if (matches && !(found instanceof DataError) && !matches(found)) continue
    if (toSkip-- <= 0) yield found
  }
}

/** Places that a filter keeps, regardless of their samples. */
interface PlacesKept {
  has(place: number): boolean
  /** Place in the source of the kept place with this number. */
  placeOf(number: number): number
  /** Count of the kept among the first `places`. */
  count(places: number): number
}

function placesKept({ every, exceptEvery }: Keep): PlacesKept | undefined {
  if (every !== undefined) {
    return {
      has: (place) => place % every === 0,
      placeOf: (number) => number * every,
      count: (places) => Math.ceil(places / every),
    }
  }
  if (exceptEvery === undefined) return undefined
  return {
    has: (place) => place % exceptEvery !== 0,
    placeOf: (number) => number + Math.floor(number / (exceptEvery - 1)) + 1,
    count: (places) => places - Math.ceil(places / exceptEvery),
  }
}

/** Test of a sample; undefined when any sample passes. */
function sampleTest({ caption, minimumCaptions, labels = [] }: Keep): Pass['matches'] {
  if (caption === undefined && minimumCaptions === undefined && labels.length === 0) return undefined
  const pattern = caption === undefined ? undefined : new RegExp(caption, 'iu')
  return (sample) =>
    sample.captions.length >= (minimumCaptions ?? 0) &&
    (pattern === undefined || sample.captions.some((text) => pattern.test(text))) &&
    labels.every((label) => sample.labels !== undefined && Object.hasOwn(sample.labels, label))
}

function check(keep: Keep, { name, labels: known = {} }: Source): void {
  const { caption, minimumCaptions = 1, labels = [], every = 1, exceptEvery = 2 } = keep
  const wrong = (problem: string) =>
    new ConfigError('data/filter', `this filter of ${name} cannot be: ${problem}`, { source: name, keep })
  if (Object.keys(keep).length === 0) throw wrong('it keeps everything; say what to keep')
  if (keep.every !== undefined && keep.exceptEvery !== undefined) {
    throw wrong('every and exceptEvery are two halves of a split; choose one')
  }
  for (const [key, value, least] of [
    ['minimumCaptions', minimumCaptions, 1],
    ['every', every, 1],
    ['exceptEvery', exceptEvery, 2],
  ] as const) {
    if (!Number.isInteger(value) || value < least) throw wrong(`${key} is a whole number from ${least} on`)
  }
  const label = labels.find((label) => !Object.hasOwn(known, label))
  if (label !== undefined) {
    const hint = didYouMean(label, Object.keys(known)) || '; there are none'
    throw wrong(`the source has no label "${label}"${hint}`)
  }
  if (caption !== undefined) checkPattern(caption, wrong)
}

function checkPattern(pattern: string, wrong: (problem: string) => ConfigError): void {
  try {
    new RegExp(pattern, 'iu')
  } catch (error) {
    throw wrong((error as Error).message)
  }
}
