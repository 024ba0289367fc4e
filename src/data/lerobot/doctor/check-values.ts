import type { Finding, FindingKind } from './finding.ts'
import { type EpisodeSummary, manyValues, type ValueSummary } from './value-summary.ts'

/** Fraction of frames at a limit from which a number counts as saturated. */
const saturatedPart = 0.2
/** Distance of outliers from the range of 98 % of the values, in widths of that range. */
const outlierWidths = 3
/** Part of a number's usual deviation in an episode under which it stands still. */
const stillPart = 1e-3
/** Degrees of a radian, with the factors between which a ratio is taken for it. */
const degrees = { perRadian: 180 / Math.PI, least: 40, most: 82 }
/** Greatest angle in radians that is believed: two turns. */
const mostRadians = 4 * Math.PI

/** Check each number for faults of sensors, units and recordings. */
export const valueFindings = (summaries: readonly ValueSummary[]): Finding[] => [
  ...summaries.flatMap((summary) => [
    ...notFinite(summary),
    ...constant(summary),
    ...stuck(summary),
    ...saturated(summary),
    ...outliers(summary),
  ]),
  ...unitFindings(summaries),
]

const about = (
  kind: FindingKind,
  { name }: ValueSummary,
  episodes: readonly EpisodeSummary[],
  message: string,
): Finding => ({ kind, episodes: episodes.map(({ episode }) => episode), subject: name.title, message })

function notFinite(summary: ValueSummary): Finding[] {
  const bad = summary.episodes.filter((episode) => episode.notFinite !== undefined)
  const [first] = bad
  if (first === undefined) return []
  const where = `first in frame ${first.notFinite} of episode ${first.episode}`
  return [about('not-finite', summary, bad, `NaN or infinite in ${bad.length} episodes, ${where}`)]
}

const isConstant = ({ min, max }: ValueSummary): boolean => min === max

const constant = (summary: ValueSummary): Finding[] =>
  isConstant(summary) ? [about('constant', summary, [], `${written(summary.min)} in every frame`)] : []

/** Episodes in which a number does not move, where it does in most. */
function stuck(summary: ValueSummary): Finding[] {
  const deviations = summary.episodes.map(({ std }) => std).sort((a, b) => a - b)
  const usual = deviations[Math.floor(deviations.length / 2)] ?? 0
  if (isConstant(summary) || usual === 0 || summary.distinct < manyValues) return []
  const still = summary.episodes.filter(({ std, frames }) => frames > 1 && std < stillPart * usual)
  return still.map((episode) => {
    const message = `${written(episode.mean)} through ${episode.frames} frames; it deviates by ${written(usual)} in others`
    return about('stuck', summary, [episode], message)
  })
}

/** A number that has many values and yet is often exactly at an end of its range. */
function saturated(summary: ValueSummary): Finding[] {
  if (isConstant(summary) || summary.distinct < manyValues) return []
  const { atEnds, min, max } = summary
  return [min, max].flatMap((end, i) => {
    const share = atEnds[i]!
    if (share < saturatedPart) return []
    const message = `${Math.round(100 * share)} % of frames are at ${written(end)}, its ${i === 0 ? 'least' : 'greatest'} value`
    return [about('saturated', summary, [], message)]
  })
}

function outliers(summary: ValueSummary): Finding[] {
  const { q01, q99 } = summary
  const reach = outlierWidths * (q99 - q01)
  if (!(reach > 0)) return []
  const [low, high] = [q01 - reach, q99 + reach]
  const bad = summary.episodes.filter(({ min, max }) => min < low || max > high)
  const [first] = bad
  if (first === undefined) return []
  const value = first.min < low ? first.min : first.max
  const message = `${written(value)} in episode ${first.episode}; 98 % of the frames are from ${written(q01)} to ${written(q99)}`
  return [about('outlier', summary, bad, message)]
}

/** Angles in degrees: in some episodes, in action or state only, or everywhere. */
function unitFindings(summaries: readonly ValueSummary[]): Finding[] {
  const found = summaries.flatMap((summary) => mixedUnits(summary))
  if (found.length > 0) return found
  return summaries.flatMap((summary) => [...otherUnit(summary, summaries), ...largeAngles(summary)])
}

const size = ({ mean, std }: { readonly mean: number; readonly std: number }): number => Math.hypot(mean, std)
const isDegrees = (ratio: number): boolean => ratio > degrees.least && ratio < degrees.most

/** Episodes whose values are some 57 times those of the others. */
function mixedUnits(summary: ValueSummary): Finding[] {
  const { episodes, distinct } = summary
  const sizes = episodes.map(size).filter((own) => own > 0)
  if (distinct < manyValues || sizes.length < 2) return []
  const least = Math.min(...sizes)
  const inDegrees = episodes.filter((episode) => size(episode) > 10 * least)
  const others = episodes.filter((episode) => !inDegrees.includes(episode) && size(episode) > 0)
  const ratio = meanSize(inDegrees) / meanSize(others)
  if (inDegrees.length === 0 || !isDegrees(ratio)) return []
  const message = `values are ${ratio.toFixed(0)} times those of the other episodes (a radian has 57.3 degrees)`
  return [about('degrees', summary, inDegrees, message)]
}

const meanSize = (episodes: readonly EpisodeSummary[]): number =>
  episodes.reduce((sum, episode) => sum + size(episode), 0) / episodes.length

/** An action some 57 times the state of the same place, or the other way round. */
function otherUnit(summary: ValueSummary, all: readonly ValueSummary[]): Finding[] {
  if (summary.name.feature !== 'action') return []
  const state = all.find(
    ({ name: { feature, at, width } }) =>
      feature === 'observation.state' && at === summary.name.at && width === summary.name.width,
  )
  if (state === undefined || !(size(state) > 0 && size(summary) > 0)) return []
  const ratio = size(summary) / size(state)
  if (!isDegrees(ratio) && !isDegrees(1 / ratio)) return []
  const [larger, smaller] = ratio > 1 ? [summary, state] : [state, summary]
  const times = Math.max(ratio, 1 / ratio).toFixed(0)
  return [
    about(
      'degrees',
      larger,
      [],
      `values are ${times} times those of ${smaller.name.title} (a radian has 57.3 degrees)`,
    ),
  ]
}

/** Values of a state or action that are no angles in radians, but could be ones in degrees. */
function largeAngles(summary: ValueSummary): Finding[] {
  const { min, max, name, distinct } = summary
  const isAngle = /^(action|observation\.state)$/.test(name.feature) && distinct >= manyValues
  const most = Math.max(-min, max)
  if (!isAngle || most <= mostRadians || most > 400) return []
  const message = `from ${written(min)} to ${written(max)}: if it is an angle, it is in degrees or in the robot's own steps; policies take any unit, safety envelopes take radians`
  return [about('degrees', summary, [], message)]
}

const written = (value: number): string => String(Number(value.toPrecision(4)))
