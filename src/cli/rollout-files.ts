import { existsSync, renameSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { writeFileAtomic } from '../core/index.ts'
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
  const earlier = keepEarlier(directory)
  if (earlier !== undefined) output.note(`the earlier rollout is now ${earlier}`)
  const [json, film] = [join(directory, 'rollout.json'), join(directory, 'rollout.webp')]
  writeFileAtomic(json, `${JSON.stringify({ ...result, episodes }, undefined, 1)}\n`)
  output.note(`every episode: ${json}`)
  if (recordings.length === 0) return
  writeFileAtomic(film, await filmOf(recordings))
  output.note(`film: ${film}`)
}

/** Rename the files of an earlier rollout. @returns The new path of one of them; undefined without any. */
function keepEarlier(directory: string): string | undefined {
  const path = (extension: string, number?: number) =>
    join(directory, `rollout${number === undefined ? '' : `.${number}`}.${extension}`)
  const extensions = ['json', 'webp'].filter((extension) => existsSync(path(extension)))
  if (extensions.length === 0) return undefined
  let number = 1
  while (['json', 'webp'].some((extension) => existsSync(path(extension, number)))) number++
  for (const extension of extensions) renameSync(path(extension), path(extension, number))
  return path(extensions[0]!, number)
}
