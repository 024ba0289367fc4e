import { ConfigError } from '../../core/index.ts'
import type { LerobotDataset } from './dataset.ts'
import type { Episode } from './episode.ts'

/**
 * Choose episodes by the name of a split, a range or a list, in the order of the data or the list.
 * @throws ConfigError `data/lerobot-episodes` for an unknown split, for what is no range, and for episodes that the data
 * does not have.
 */
export function chooseEpisodes(
  { directory, episodes, info }: LerobotDataset,
  chosen: string | readonly number[] | undefined,
): readonly Episode[] {
  if (chosen === undefined) return episodes
  const wrong = (problem: string) =>
    new ConfigError(
      'data/lerobot-episodes',
      `${directory}: ${problem}; the data has ${episodes.length} episodes, from 0 to ${episodes.length - 1}`,
      { directory, episodes: chosen, count: episodes.length },
    )
  if (typeof chosen !== 'string') {
    const absent = chosen.find((index) => episodes[index] === undefined)
    if (absent !== undefined) throw wrong(`there is no episode ${absent}`)
    if (new Set(chosen).size < chosen.length) throw wrong('an episode is named twice')
    return chosen.map((index) => episodes[index]!)
  }
  const splits = info.splits ?? {}
  const range = Object.hasOwn(splits, chosen) ? splits[chosen]! : chosen
  const [, start, end] = /^(-?\d*):(-?\d*)$/.exec(range) ?? []
  if (start === undefined || end === undefined || start === '-' || end === '-') {
    const names = Object.keys(splits).join(', ') || 'none'
    throw wrong(`"${range}" is neither a split (${names}) nor a range as 0:40, 40: or -5:`)
  }
  const place = (text: string, otherwise: number): number => {
    if (text === '') return otherwise
    const number = Number(text)
    return number < 0 ? episodes.length + number : number
  }
  const from = place(start, 0)
  const to = place(end, episodes.length)
  if (from < 0 || to > episodes.length || from >= to) throw wrong(`there are no episodes ${range}`)
  return episodes.slice(from, to)
}
