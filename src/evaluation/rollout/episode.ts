import { random } from '../../core/index.ts'
import {
  type Action,
  type CommandRecord,
  type EpisodeSplit,
  type LabelledScene,
  type SceneMaker,
  type SceneRecord,
  type Setting,
  settingOfNumber,
  type WrittenCommand,
} from '../../world/index.ts'
import { answerIn } from './given-command.ts'

/** One scene, its command, and the right answers. */
export interface Episode {
  readonly split: EpisodeSplit
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

/** Number of scenes in a row without a meaning after which no more are drawn for a given command. */
export const scenesWithoutMeaning = 200

/** The first episodes of a split in one setting. `heldOutPhrasings` are those of `heldOutScenes` in other words. */
export function drawEpisodes(
  maker: SceneMaker,
  split: EpisodeSplit,
  setting: Setting,
  count: number,
): Episode[] {
  return Array.from({ length: count }, (_, i) => episodeOf(sceneOf(maker, split, setting, i)))
}

/** The first episodes of a split whose commands ask for one action. */
export const drawActions = (
  maker: SceneMaker,
  split: EpisodeSplit,
  action: Action,
  count: number,
): Episode[] =>
  Array.from({ length: count }, (_, number) =>
    episodeOf(numbered(split, number, maker.make(scenesOf(split), number, action))),
  )

function episodeOf({ truths: _truths, record, ...common }: DrawnScene): Episode {
  const command = record.commands[0]!
  // In heldOutScenes every command has both: a trained sentence never stands in for a held-out one.
  const texts = common.split === 'heldOutPhrasings' ? command.heldOutCaptions! : command.captions
  return { ...common, scene: record, command, text: texts[0]! }
}

/**
 * Scenes for a given command, one after the other, until so many have a meaning: these are its episodes, the others are
 * refused. Drawing ends after {@link scenesWithoutMeaning} refused scenes in a row.
 */
export function* drawForCommand(
  maker: SceneMaker,
  split: EpisodeSplit,
  setting: Setting,
  count: number,
  given: WrittenCommand,
): Generator<Episode | RefusedScene> {
  let [found, refused] = [0, 0]
  for (let i = 0; found < count && refused < scenesWithoutMeaning; i++) {
    const { record, truths, ...common } = sceneOf(maker, split, setting, i)
    const answer = answerIn({ record, truths }, given)
    const told = { ...common, scene: record, text: given.text }
    if (typeof answer === 'string') {
      refused++
      yield { ...told, refusal: answer }
    } else {
      found++
      refused = 0
      yield { ...told, command: answer }
    }
  }
}

/** Seed of the look of an episode's images. */
export const lookSeed = (seed: number, { split, number }: Pick<Episode, 'split' | 'number'>): number =>
  random(seed, 'rollout', split, number).integer(2 ** 31)

type DrawnScene = ReturnType<typeof numbered>

/** Split with the scenes of an episodes' split. */
const scenesOf = (split: EpisodeSplit) => (split === 'heldOutPhrasings' ? 'heldOutScenes' : split)

function sceneOf(maker: SceneMaker, split: EpisodeSplit, setting: Setting, index: number) {
  const number = settingOfNumber.indexOf(setting) + settingOfNumber.length * index
  return numbered(split, number, maker.make(scenesOf(split), number))
}

const numbered = (split: EpisodeSplit, number: number, { record, truths }: LabelledScene) => ({
  split,
  number,
  record,
  truths,
  objects: record.things.filter((thing) => 'color' in thing).length,
})

/**
 * The control: each episode with the command of another, half the list away. With n objects in a scene a policy that
 * follows its command then succeeds in about one of n.
 */
export const withOtherCommands = (episodes: readonly Episode[]): Episode[] =>
  episodes.map((episode, i) => ({
    ...episode,
    text: episodes[(i + Math.max(1, Math.floor(episodes.length / 2))) % episodes.length]!.text,
  }))
