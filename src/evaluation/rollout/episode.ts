import {
  type CommandRecord,
  type SceneMaker,
  type SceneRecord,
  type Setting,
  settingOfNumber,
} from '../../world/index.ts'

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

/** The first episodes of a split in one setting. `heldOutPhrasings` are those of `heldOutScenes` in other words. */
export function drawEpisodes(
  maker: SceneMaker,
  split: RolloutSplit,
  setting: Setting,
  count: number,
): Episode[] {
  const from = split === 'heldOutPhrasings' ? 'heldOutScenes' : split
  return Array.from({ length: count }, (_, i) => {
    const number = settingOfNumber.indexOf(setting) + settingOfNumber.length * i
    const { record: scene } = maker.make(from, number)
    const command = scene.commands[0]!
    const texts =
      split === 'heldOutPhrasings' ? (command.heldOutCaptions ?? command.captions) : command.captions
    const objects = scene.things.filter((thing) => 'color' in thing).length
    return { split, number, scene, command, text: texts[0]!, objects }
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
