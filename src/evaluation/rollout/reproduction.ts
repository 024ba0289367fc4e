import { isDeepStrictEqual } from 'node:util'
import type { RefusedScene } from './episode.ts'
import type { TriedEpisode } from './rollout.ts'

/** An episode that came out otherwise than in the file. */
export interface Difference {
  /** Place in the file, from 0. */
  readonly episode: number
  /** Path of the first value that differs, such as `outcomes.grasping.success`. */
  readonly path: string
  /** The values as JSON; undefined for one that is missing. */
  readonly before: unknown
  readonly now: unknown
}

/**
 * Compare an episode with the one in a rollout's file, bit for bit: scene, command, predictions (by their digest) and
 * outcomes.
 * @returns The first difference; undefined for equal ones.
 */
export function episodeDifference(
  before: unknown,
  now: TriedEpisode | RefusedScene | undefined,
  episode: number,
): Difference | undefined {
  // Numbers and missing fields as the file has them; JSON keeps every bit of a finite number.
  const found = firstDifference(before, now && JSON.parse(JSON.stringify(now)), [])
  return found && { episode, ...found }
}

function firstDifference(
  before: unknown,
  now: unknown,
  path: readonly string[],
): Omit<Difference, 'episode'> | undefined {
  if (isDeepStrictEqual(before, now)) return undefined
  if (isRecord(before) && isRecord(now)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(now)])) {
      const found = firstDifference(before[key], now[key], [...path, key])
      if (found) return found
    }
  }
  return { path: path.join('.'), before, now }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
