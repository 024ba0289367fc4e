import { random, WorldError } from '../../core/index.ts'
import { World } from '../acting/world.ts'
import { type RobotNumbers, robotNumbers } from '../control/robot-numbers.ts'
import { datasetDefaults } from '../dataset/options.ts'
import { SceneMaker } from '../dataset/scene-maker.ts'
import {
  type DemonstratedFrame,
  type DemonstrationRefusal,
  demonstrate,
  demonstrationRefusals,
  usualDisturbances,
} from '../demonstration/demonstrate.ts'
import type { RobotDescription } from '../robot/robot-description.ts'
import { requireBase } from '../simulation/checks.ts'
import { controlsFor, type EpisodeOptions, type EpisodeSplit, movesBase } from './options.ts'

/** A demonstration that succeeded. */
export interface DemonstratedEpisode {
  /** Command in words. */
  readonly task: string
  readonly frames: readonly DemonstratedFrame[]
  /** Counts of the demonstrations before it that were refused, by reason. */
  readonly refused: Refused
}

/** Counts of refused demonstrations by reason. */
export type Refused = Readonly<Record<DemonstrationRefusal, number>>

/** Counts of zero. */
export const nothingRefused = Object.fromEntries(
  demonstrationRefusals.map((reason) => [reason, 0]),
) as Refused

/** Scenes that are tried for one episode. */
const attempts = 20

/** Maker of the demonstrations of a data set, each from its split and number alone. */
export class EpisodeMaker {
  readonly #options: EpisodeOptions
  readonly #scenes: SceneMaker
  readonly #world: World
  /** Names of the numbers of states and actions. */
  readonly numbers: RobotNumbers

  private constructor(options: EpisodeOptions, scenes: SceneMaker, world: World) {
    this.#options = options
    this.#scenes = scenes
    this.#world = world
    world.reset({ setting: 'table', things: [] })
    this.numbers = robotNumbers(world.simulation, controlsFor(options))
  }

  /** Prepare the robot. @throws WorldError for an unsuitable one, `world/fixed-base` for tasks that need driving. */
  static async open(options: EpisodeOptions): Promise<EpisodeMaker> {
    const { seed, robot, tasks } = options
    const single = {
      scenes: 1,
      commands: 1,
      captions: 1,
      smooth: false,
      ...(robot !== undefined && { robot }),
    }
    const scenes = await SceneMaker.open({ ...datasetDefaults, ...single, seed })
    if (movesBase(tasks)) requireBase(scenes, scenes.robot)
    return new EpisodeMaker(options, scenes, await World.open(scenes.robot))
  }

  /**
   * Make episode `number` of a split: the first of 20 scenes in which the expert succeeds.
   * @throws WorldError `world/no-scene` where it never does.
   */
  make(split: EpisodeSplit, number: number): DemonstratedEpisode {
    const { tasks, seed, size, secondTries, wrist, smooth, randomization } = this.#options
    const refused: Record<DemonstrationRefusal, number> = { ...nothingRefused }
    const action = tasks[number % tasks.length]!
    const place = split === 'heldOutPhrasings' ? 'heldOutScenes' : split
    for (let attempt = 0; attempt < attempts; attempt++) {
      const { record } = this.#scenes.make(place, attempts * number + attempt, action)
      const command = record.commands[0]!
      const stream = random(seed, 'demonstration', place, number, attempt)
      const eyes = { size, smooth, seed: stream.integer(2 ** 31), ...(randomization && { randomization }) }
      const shown = demonstrate(this.#world, record, command, stream, {
        ...controlsFor(this.#options),
        eyes,
        wrist,
        disturbances: { ...usualDisturbances, missed: secondTries },
      })
      if (typeof shown !== 'string') {
        const texts = split === 'heldOutPhrasings' ? command.heldOutCaptions! : command.captions
        return { task: texts[0]!, frames: shown, refused }
      }
      refused[shown] += 1
    }
    throw new WorldError(
      'world/no-scene',
      `the expert fails in ${attempts} scenes drawn for ${split} ${number} (${action}): ${JSON.stringify(refused)}. ` +
        `Can ${this.#scenes.robot.name} reach its table and grasp?`,
      { split, number, refused },
    )
  }

  get robot(): RobotDescription {
    return this.#scenes.robot
  }

  dispose(): void {
    this.#world.dispose()
  }
}
