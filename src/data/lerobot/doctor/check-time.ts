import { toleranceSeconds } from '../chosen-features.ts'
import type { EpisodeSeries } from './episode-series.ts'
import type { Finding } from './finding.ts'

/** Part of the median length under which an episode is called short. */
const shortPart = 0.25
/** Frames of a step from which on it is a gap. */
const gap = 1.5

/** Check lengths, gaps and jitter of the episodes. */
export const timeFindings = (series: readonly EpisodeSeries[], fps: number): Finding[] => [
  ...shortEpisodes(series),
  ...series.flatMap((own) => stepFindings(own, fps)),
]

function shortEpisodes(series: readonly EpisodeSeries[]): Finding[] {
  const lengths = series.map(({ episode }) => episode.length).sort((a, b) => a - b)
  const median = lengths[Math.floor(lengths.length / 2)] ?? 0
  return series
    .filter(({ episode }) => episode.length < shortPart * median)
    .map(({ episode: { index, length } }) => ({
      kind: 'short-episode',
      episodes: [index],
      subject: 'length',
      message: `${length} frames; half of the episodes have ${median} or more`,
    }))
}

function stepFindings({ episode: { index }, timestamps }: EpisodeSeries, fps: number): Finding[] {
  const inFrames = stepsInFrames(timestamps, fps)
  const longest = inFrames.reduce((most, step) => Math.max(most, step), 0)
  const about = { episodes: [index], subject: 'timestamp' }
  if (longest > gap) {
    const frame = inFrames.indexOf(longest)
    const gaps = inFrames.filter((step) => step > gap).length
    const more = gaps > 1 ? `, and ${gaps - 1} more` : ''
    const message = `${(longest / fps).toFixed(3)} s between frames ${frame} and ${frame + 1}${more}; a frame takes ${(1 / fps).toFixed(3)} s`
    return [{ ...about, kind: 'time-gap', message }]
  }
  const jitter = Math.sqrt(inFrames.reduce((sum, step) => sum + (step - 1) ** 2, 0) / (inFrames.length || 1))
  const off = inFrames.map((step, i) => Math.abs(step - 1) / fps - roundingOf(timestamps[i + 1]!))
  const most = off.reduce((sum, value) => Math.max(sum, value), 0)
  if (most <= toleranceSeconds) return []
  const milliseconds = (seconds: number) => (1000 * seconds).toFixed(1)
  const message = `steps deviate by ${milliseconds(jitter / fps)} ms (root mean square) from ${milliseconds(1 / fps)} ms, most after frame ${off.indexOf(most)}: by ${milliseconds(most)} ms. Training takes ${milliseconds(toleranceSeconds)} ms`
  return [{ ...about, kind: 'time-jitter', message }]
}

/** Seconds by which a time that is stored in float32 may be off. */
const roundingOf = (time: number): number => Math.abs(time) * 2 ** -22

/** Steps between frames, in frames of the data set's rate. */
export const stepsInFrames = (timestamps: Float64Array, fps: number): number[] =>
  Array.from(
    { length: Math.max(0, timestamps.length - 1) },
    (_, i) => (timestamps[i + 1]! - timestamps[i]!) * fps,
  )
