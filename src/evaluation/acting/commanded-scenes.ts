import {
  type CommandRecord,
  type DatasetOptions,
  SceneMaker,
  type Setting,
  settingOfNumber,
} from '../../world/index.ts'
import type { Episode } from '../rollout/episode.ts'
import { type RolloutTask, taskNeeds } from '../rollout/outcome.ts'
import type { Subject } from '../suite/subject.ts'

/** A scene with two commands about different objects. */
export interface CommandedScene {
  readonly id: string
  readonly right: Episode
  /** The other command, with the right answers to it. */
  readonly other: Episode
}

/** Scenes to act in. */
export interface SceneChoice {
  readonly split: 'train' | 'heldOutScenes'
  /** Number of scenes in each setting of the tasks. */
  readonly count: number
  readonly seed: number
  readonly size: number
  readonly robot?: string | undefined
}

/** Settings of tasks. */
export const settingsOfTasks = (tasks: readonly RolloutTask[]): Setting[] =>
  settingOfNumber.filter((setting) =>
    tasks.some((task) => (taskNeeds[task].settings as readonly Setting[]).includes(setting)),
  )

/** Tell of scenes that are left out, and of fewer than are wanted. */
export function tellLeftOut(
  { name, note }: Pick<Subject, 'name' | 'note'>,
  evaluator: string,
  setting: Setting,
  { scenes, refused }: { readonly scenes: readonly unknown[]; readonly refused: number },
  wanted: number,
): void {
  if (refused === 0) return
  const fewer = scenes.length < wanted ? `; ${scenes.length} of ${wanted} scenes are left` : ''
  note(
    `${name}: ${evaluator} leaves out ${refused} ${refused === 1 ? 'scene' : 'scenes'} (${setting}) in which only one object can be commanded${fewer}`,
  )
}

/** Number of drawn scenes for each one that is wanted, after which drawing ends. */
const most = 20

/**
 * Scenes of a setting in which two objects can be commanded; scenes with one such object are counted as refused.
 * @throws WorldError `world/no-scene` for a robot that can do nothing.
 */
export async function commandedScenes(
  setting: Setting,
  { split, count, seed, size, robot }: SceneChoice,
): Promise<{ scenes: CommandedScene[]; refused: number }> {
  const options: DatasetOptions = {
    ...{ scenes: 1, seed, size, setting: 'both', commands: 2, captions: 1, smooth: true },
    ...(robot !== undefined && { robot }),
  }
  const maker = await SceneMaker.open(options)
  const scenes: CommandedScene[] = []
  let drawn = 0
  for (; scenes.length < count && drawn < most * count; drawn++) {
    const number = settingOfNumber.indexOf(setting) + settingOfNumber.length * drawn
    const { record } = maker.make(split, number)
    const [right, other] = record.commands
    if (right === undefined || other === undefined) continue
    const objects = record.things.filter((thing) => 'color' in thing).length
    const told = (command: CommandRecord): Episode => ({
      ...{ split, number, scene: record, objects },
      command,
      text: command.captions[0]!,
    })
    scenes.push({ id: `${setting}/${number}`, right: told(right), other: told(other) })
  }
  return { scenes, refused: drawn - scenes.length }
}
