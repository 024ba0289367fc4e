import {
  type CommandRecord,
  type SceneMaker,
  type SceneRecord,
  type Setting,
  settingOfNumber,
  type WrittenCommand,
} from '../../world/index.ts'
import { answerIn } from './given-command.ts'

/** Splits for rollouts of a policy; with a new seed the scenes of all of them are new to it. */
export const rolloutSplits = ['train', 'heldOutScenes', 'heldOutPhrasings', 'heldOutPairs'] as const
export type RolloutSplit = (typeof rolloutSplits)[number]

/** One scene, its command, and the right answers. */
export interface Episode {
  readonly split: RolloutSplit
  /** The scene's number in its split. */
  readonly number: number
  readonly scene: SceneRecord
  readonly command: CommandRecord
  /** Command in words. */
  readonly text: string
  /** Number of objects that commands may speak of; chance is one in this number. */
  readonly objects: number
}

/** A scene without a trial: a given command has no single meaning with a right answer there. */
export interface RefusedScene extends Omit<Episode, 'command'> {
  /** Reason as an error's code: `world/nothing-meant`, `world/ambiguous-command`, `world/no-answer`. */
  readonly refusal: string
}

/**
 * The first episodes of a split in one setting. `heldOutPhrasings` are the episodes of `heldOutScenes` in other words.
 * @param given Command for every scene, instead of the drawn ones.
 */
export function drawEpisodes(
  maker: SceneMaker,
  split: RolloutSplit,
  setting: Setting,
  count: number,
  given?: WrittenCommand,
): (Episode | RefusedScene)[] {
  const from = split === 'heldOutPhrasings' ? 'heldOutScenes' : split
  return Array.from({ length: count }, (_, i) => {
    const number = settingOfNumber.indexOf(setting) + settingOfNumber.length * i
    const made = maker.make(from, number)
    const objects = made.record.things.filter((thing) => 'color' in thing).length
    const common = { split, number, scene: made.record, objects }
    if (given === undefined) {
      const command = made.record.commands[0]!
      // In heldOutScenes every command has both: a trained sentence never stands in for a held-out one.
      const texts = split === 'heldOutPhrasings' ? command.heldOutCaptions! : command.captions
      return { ...common, command, text: texts[0]! }
    }
    const answer = answerIn(made, given)
    const told = { ...common, text: given.text }
    return typeof answer === 'string' ? { ...told, refusal: answer } : { ...told, command: answer }
  })
}

/**
 * The control: each episode with the command of another, half the list away. With n objects in a scene a policy that
 * follows its command then succeeds in about one of n.
 */
export const withOtherCommands = (episodes: readonly Episode[]): Episode[] =>
  episodes.map((episode, i) => ({
    ...episode,
    text: episodes[(i + Math.max(1, Math.floor(episodes.length / 2))) % episodes.length]!.text,
  }))
