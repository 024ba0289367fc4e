import type { Mark, MarkedPicture } from '../../report/index.ts'
import { encodePng } from '../../world/index.ts'
import type { Episode } from '../rollout/episode.ts'
import { type Outcomes, rolloutTasks } from '../rollout/outcome.ts'
import type { RolloutPicture, RolloutPolicy } from '../rollout/policy.ts'
import { verdictOf } from '../rollout/verdict.ts'
import type { ActingPolicy } from './acting-policy.ts'

/** First look of a policy in an episode. */
export interface FirstLook {
  readonly episode: Episode
  readonly seen: RolloutPicture
  readonly prediction: Readonly<Record<string, readonly number[]>>
}

/** A policy that keeps its next look. */
export interface LookingPolicy extends RolloutPolicy {
  /** The first image and prediction since the last call; undefined without any. */
  takeLook(): Pick<FirstLook, 'seen' | 'prediction'> | undefined
}

/** Keep the first look of each episode of a policy. */
export function lookingPolicy(policy: RolloutPolicy): LookingPolicy {
  let first: Pick<FirstLook, 'seen' | 'prediction'> | undefined
  return {
    labels: policy.labels,
    async predict(observation) {
      const prediction = await policy.predict(observation)
      first ??= { seen: observation.pixels, prediction }
      return prediction
    },
    takeLook() {
      const look = first
      first = undefined
      return look
    },
  }
}

/** The first image of an episode, with the box that was found and the right one, and where the model looked. */
export async function episodePicture(
  { episode, seen, prediction }: FirstLook,
  outcomes: Outcomes,
  policy: ActingPolicy | undefined,
  more: readonly string[] = [],
): Promise<MarkedPicture> {
  const { width, height, data } = seen
  const picture = await encodePng({ width, height, color: data })
  const attention = (await policy?.attention?.({ pixels: seen, command: episode.text })) ?? []
  return {
    picture,
    marks: [...markOf('found', prediction.box), ...markOf('true', episode.command.labels.box)],
    title: `“${episode.text}”`,
    lines: [...more, ...verdictWords(outcomes)],
    ...(attention.length > 0 && { attention: attention.map((weight) => Number(weight.toPrecision(3))) }),
  }
}

const markOf = (name: string, box: readonly number[] | undefined): Mark[] =>
  box === undefined ? [] : [{ name: `${name} box`, place: box }]

/** Outcomes in words, one line a task. */
const verdictWords = (outcomes: Outcomes): string[] =>
  rolloutTasks.flatMap((task) => {
    const outcome = outcomes[task]
    return outcome === undefined ? [] : [verdictOf({ task, outcome })]
  })
