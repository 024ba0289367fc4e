import { basename, join, resolve } from 'node:path'
import { keepEarlier, writeFileAtomic } from '../core/index.ts'
import {
  filmOf,
  type Recording,
  type RefusedScene,
  type RolloutOptions,
  type RolloutSummary,
  type TriedEpisode,
} from '../evaluation/index.ts'
import type { Output } from './output.ts'
import type { RolloutProvenance } from './rollout-provenance.ts'

/** Episodes of a rollout, and scenes without a meaning of a given command. */
export type Tried = readonly (TriedEpisode | RefusedScene)[]

/** Content of `rollout.json`, beside the episodes. */
export type RolloutFile = RolloutOptions & {
  readonly model: string
  /** Number of episodes before an interruption. */
  readonly interruptedAfter?: number
  readonly provenance: RolloutProvenance
  readonly summary: RolloutSummary
}

/** The directory of a rollout's files. */
export const rolloutDirectory = (model: string, out: string | undefined): string =>
  out ?? join('rollouts', basename(resolve(model)))

/**
 * Write `rollout.json` and a film. Those of an earlier rollout are kept under the next free number, `rollout.1.json` and
 * `rollout.1.webp`, so that a film never stands beside the numbers of another rollout.
 */
export async function writeRollout(
  directory: string,
  result: RolloutFile,
  episodes: Tried,
  recordings: readonly Recording[],
  output: Output,
): Promise<void> {
  const earlier = keepEarlier(directory, ['rollout.json', 'rollout.webp'])
  if (earlier !== undefined) output.note(`the earlier rollout is now ${earlier}`)
  const [json, film] = [join(directory, 'rollout.json'), join(directory, 'rollout.webp')]
  writeFileAtomic(json, `${JSON.stringify({ ...result, episodes }, undefined, 1)}\n`)
  output.note(`every episode: ${json}`)
  if (recordings.length === 0) return
  writeFileAtomic(film, await filmOf(recordings))
  output.note(`film: ${film}`)
}
