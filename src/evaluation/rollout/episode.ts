import {
  type CommandRecord,
  type SceneMaker,
  type SceneRecord,
  type Setting,
  settingOfNumber,
  type WrittenCommand,
} from '../../world/index.ts'
import { answerIn } from './given-command.ts'

/** Splits that a policy is tried on; scenes of all of them are new to it when the seed is. */
export const rolloutSplits = ['train', 'heldOutScenes', 'heldOutPhrasings', 'heldOutPairs'] as const
export type RolloutSplit = (typeof rolloutSplits)[number]

/** One scene, what the robot is told there, and the right answers. */
export interface Episode {
  readonly split: RolloutSplit
  /** The scene's number in its split. */
  readonly number: number
  readonly scene: SceneRecord
  readonly command: CommandRecord
  /** What the robot is told. */
  readonly text: string
  /** Things that commands may speak of: one of so many is right by chance. */
  readonly objects: number
}

/** A scene in which a given command has no one meaning with a right answer: nothing is tried there. */
export interface RefusedScene extends Omit<Episode, 'command'> {
  /** Why, as an error's code: `world/nothing-meant`, `world/ambiguous-command`, `world/no-answer`. */
  readonly refusal: string
}

/**
 * The first episodes of a split in one setting. `heldOutPhrasings` are those of `heldOutScenes` in other words.
 * @param given Is said in every scene, instead of what is drawn for it.
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
 * The control: each episode with what was said in another, half of all away. With n things in a scene a policy that
 * does as it is told then does the right thing in about one of n.
 */
export const withOtherCommands = (episodes: readonly Episode[]): Episode[] =>
  episodes.map((episode, i) => ({
    ...episode,
    text: episodes[(i + Math.max(1, Math.floor(episodes.length / 2))) % episodes.length]!.text,
  }))
