import { setImmediate } from 'node:timers/promises'
import { WorldError } from '../core/index.ts'
import { type Difference, episodeDifference, rollout } from '../evaluation/index.ts'
import { Interrupted } from './exit-code.ts'
import { interruptible } from './interruption.ts'
import type { Output } from './output.ts'
import { progress } from './progress.ts'
import { type RolledPolicy, rolledPolicy } from './rollout-flags.ts'
import { type RolloutProvenance, readRollout, rolloutProvenance } from './rollout-provenance.ts'

/** Differences between a rollout's file and its repetition. */
interface Verified {
  readonly equal: boolean
  /** Number of episodes in the file. */
  readonly episodes: number
  /** Facts that are others now, such as `model.safetensors` or `node`. */
  readonly changed: readonly string[]
  /** The first difference of each episode that differs. */
  readonly differences: readonly Difference[]
}

/** Number of differing episodes that are told one by one. */
const told = 5

/**
 * Carry out a rollout again from its file, and compare every episode bit for bit: scene, command, predictions, outcomes.
 * @throws ConfigError `config/rollout-file`; WorldError `world/not-reproduced` for episodes that differ.
 */
export async function verifyRollout(
  model: string,
  path: string,
  json: boolean,
  output: Output,
): Promise<void> {
  const { provenance, episodes } = readRollout(path)
  const { options, device, threads, checkpoint } = provenance
  const runtime = { device, threads, checkpoint }
  const changed = changesOf(provenance, await rolloutProvenance(model, options, runtime))
  for (const fact of changed) output.note(`not the same as in ${path}: ${fact}`)
  const policy = await rolledPolicy(model, { ...runtime, onNote: output.note })
  const differences = await differencesOf(policy, provenance, episodes, output)
  const equal = differences.length === 0
  const verified: Verified = { equal, episodes: episodes.length, changed, differences }
  output.result(json ? JSON.stringify(verified, undefined, 2) : words(verified))
  if (equal) return
  const reason =
    changed.length > 0 ? `Other than then: ${changed.join(', ')}` : 'The model and versions are the same'
  const count = `${differences.length} of ${episodes.length} episodes of ${path} come out otherwise`
  throw new WorldError('world/not-reproduced', `${count}. ${reason}`, { file: path, changed })
}

/** Names of the facts that differ. */
function changesOf(before: RolloutProvenance, now: RolloutProvenance): string[] {
  const between = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>) =>
    [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => a[name] !== b[name])
  return [
    ...between(before.model, now.model),
    ...(before.robot === now.robot ? [] : ['robot']),
    ...between(before.versions, now.versions),
  ]
}

/** The first difference of each episode; an interrupted rollout is compared as far as it came. */
async function differencesOf(
  policy: RolledPolicy,
  { options }: RolloutProvenance,
  episodes: readonly unknown[],
  output: Output,
): Promise<Difference[]> {
  const differences: Difference[] = []
  const bar = progress(output, 'episodes', episodes.length)
  let number = 0
  const compare = (now: Parameters<typeof episodeDifference>[1]) => {
    const found = episodeDifference(episodes[number], now, number)
    if (found) differences.push(found)
    number++
    bar.advance(1)
  }
  const work = async (signal: AbortSignal) => {
    for await (const now of rollout(policy, options)) {
      if (number === episodes.length) return
      compare(now)
      await setImmediate()
      if (signal.aborted && number < episodes.length) throw new Interrupted('verifying was interrupted')
    }
    while (number < episodes.length) compare(undefined)
  }
  await interruptible(output, work, 'stopping after this episode').finally(() => bar.finish())
  return differences
}

function words({ equal, episodes, differences }: Verified): string {
  if (equal) return `${episodes} episodes, bit for bit the same`
  const lines = differences.slice(0, told).map(({ episode, path, before, now }) => {
    const place = path === '' ? '' : ` ${path}`
    return `episode ${episode + 1}:${place} was ${JSON.stringify(before)}, is ${JSON.stringify(now)}`
  })
  const more = differences.length - lines.length
  return [...lines, ...(more > 0 ? [`and ${more} more episodes differ`] : [])].join('\n')
}
