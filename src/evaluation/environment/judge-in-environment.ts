import { ConfigError } from '../../core/index.ts'
import type { ActionStream, ChunkObservation } from '../../deploy/index.ts'
import { mean, type Rate, wilson } from '../../metrics/index.ts'
import type { Environment } from './environment.ts'

/** Options of a judgement. */
export interface JudgeOptions {
  readonly episodes: number
  /** Seed of the first episode; those that follow have the next ones. Default 0. */
  readonly seed?: number
  /** Steps after which an episode has failed. Default: as the environment says. */
  readonly steps?: number
  readonly onEpisode?: (episode: JudgedEpisode) => void
}

/** One episode. */
export interface JudgedEpisode {
  readonly seed: number
  readonly steps: number
  readonly success: boolean
}

/** Success of a policy in an environment, with Wilson's 95 % interval. */
export interface Judgement extends Rate {
  readonly episodes: readonly JudgedEpisode[]
  readonly successes: number
  /** Mean steps of the episodes that succeeded; NaN where none did. */
  readonly meanSteps: number
}

/**
 * Judge a policy in a closed loop: episode after episode it acts on what it sees, until the environment ends the episode.
 *
 * ```ts
 * const policy = await ChunkPolicyRuntime.load('runs/pushing')
 * const { rate, interval } = await judgeInEnvironment(world, policy.stream(), { episodes: 50 })
 * ```
 *
 * @param policy Actions one by one: `stream()` or `asynchronous()` of a `ChunkPolicyRuntime`. Reset at each episode.
 * @throws ConfigError `config/environment` for no episodes or no steps; errors of environment and policy.
 */
export async function judgeInEnvironment(
  environment: Environment,
  policy: ActionStream<ChunkObservation>,
  { episodes: count, seed: first = 0, steps = Number.POSITIVE_INFINITY, onEpisode }: JudgeOptions,
): Promise<Judgement> {
  if (!Number.isInteger(count) || count < 1 || !(steps >= 1)) {
    const message = `a judgement has ${count} episodes of ${steps} steps at most: it needs 1 or more of both`
    throw new ConfigError('config/environment', message, { episodes: count, steps })
  }
  const episodes: JudgedEpisode[] = []
  for (let seed = first; seed < first + count; seed++) {
    const episode = { seed, ...(await played(environment, policy, seed, steps)) }
    episodes.push(episode)
    onEpisode?.(episode)
  }
  const done = episodes.filter(({ success }) => success)
  return {
    episodes,
    successes: done.length,
    ...wilson(done.length, count),
    meanSteps: done.length > 0 ? mean(Float32Array.from(done, ({ steps }) => steps)) : Number.NaN,
  }
}

async function played(
  environment: Environment,
  policy: ActionStream<ChunkObservation>,
  seed: number,
  most: number,
): Promise<{ steps: number; success: boolean }> {
  policy.reset()
  let observation = await environment.reset(seed)
  for (let steps = 1; ; steps++) {
    const after = await environment.step(await policy.next(observation))
    const { success, terminated, truncated } = after
    if (success || terminated || truncated || steps >= most) return { steps, success }
    observation = after.observation
  }
}
