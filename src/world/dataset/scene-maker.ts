import { type Random, random, WorldError } from '../../core/index.ts'
import type { Joint } from '../../data/index.ts'
import { type Action, settingOf } from '../commands/command.ts'
import { groundTruth, type Truth } from '../expert/ground-truth.ts'
import { InverseKinematics } from '../expert/inverse-kinematics.ts'
import { parseRandomization, type Randomization, randomizeScene } from '../randomization/index.ts'
import { type Rendering, type RenderScene, render } from '../renderer/index.ts'
import { readRobot } from '../robot/read-robot.ts'
import { ownRobot, type RobotDescription } from '../robot/robot-description.ts'
import { sampleScene } from '../scene/sample-scene.ts'
import type { Scene, Setting } from '../scene/scene.ts'
import { underWay } from '../scene/under-way.ts'
import type { JointElement } from '../simulation/elements.ts'
import type { Frame } from '../simulation/frame.ts'
import { loadMujoco, type Mujoco } from '../simulation/mujoco.ts'
import { renderState } from '../simulation/render-state.ts'
import { Simulation } from '../simulation/simulation.ts'
import { commandRecords } from './command-records.ts'
import type { DatasetOptions } from './options.ts'
import { addRefusals, noRefusals, type Refusals, type SceneRecord } from './scene-record.ts'
import type { Split } from './splits.ts'

/** Image with everything known of it. */
export interface LabelledScene {
  readonly rendering: Rendering
  readonly record: SceneRecord
  /** Right answers about each object; undefined for an object without. */
  readonly truths: readonly (Truth | undefined)[]
  /** Counts of refused objects in this scene and in the discarded scenes before it. */
  readonly refusals: Refusals
}

/** Attempts to draw a scene with at least one possible command. */
const attempts = 50

/** Probability that the robot has driven a part of its way in a scene for training; in scenes for tests it is 0. */
const underWayProbability = 0.5

/** Settings of the scenes of `both`, in turn. */
export const settingOfNumber: readonly Setting[] = ['table', 'floor']

/** Maker of the labelled scenes of a data set, each from its split and number alone. */
export class SceneMaker {
  readonly #mujoco: Mujoco
  readonly #options: DatasetOptions
  readonly robot: RobotDescription
  readonly #randomization: Randomization | undefined
  readonly #tableHeight: number
  /** True for a robot that drives. */
  readonly drives: boolean
  /** The arm's joints, from the shoulder on. */
  readonly armJoints: readonly Joint[]
  /** Vertical field of view of the robot's camera, degrees. */
  readonly verticalFov: number

  private constructor(mujoco: Mujoco, options: DatasetOptions, empty: Simulation) {
    this.#mujoco = mujoco
    this.#options = options
    this.robot = empty.robot
    this.#randomization = options.randomization ? parseRandomization(options.randomization) : undefined
    this.#tableHeight = empty.tableHeight
    this.drives = empty.elements.drives
    this.armJoints = empty.elements.arm.map((name) => described(name, empty.elements.joints.get(name)!))
    this.verticalFov = empty.model.cam_fovy[empty.elements.camera]!
  }

  /**
   * Prepare the robot and the options.
   * @throws WorldError for an unsuitable robot of one's own; ConfigError for ranges out of range.
   */
  static async open(options: DatasetOptions): Promise<SceneMaker> {
    const mujoco = await loadMujoco()
    const robot = options.robot === undefined ? ownRobot : await readRobot(options.robot)
    const empty = new Simulation(mujoco, { setting: 'table', things: [] }, robot)
    try {
      return new SceneMaker(mujoco, options, empty)
    } finally {
      empty.dispose()
    }
  }

  /**
   * Make scene `number` of a split.
   * @param action The only action that its commands ask for, in the setting of that action. Default: as the options' tasks have it.
   * @throws WorldError `world/no-scene` when none of 50 drawn scenes allows a command.
   */
  make(split: Split, number: number, action: Action | undefined = this.#taskOf(number)): LabelledScene {
    let refusals = noRefusals
    for (let attempt = 0; attempt < attempts; attempt++) {
      const made = this.#attempt(split, number, attempt, action)
      refusals = addRefusals(refusals, made.refusals)
      if (made.record.commands.length > 0) return { ...made, refusals }
    }
    throw new WorldError(
      'world/no-scene',
      `nothing can be commanded in ${attempts} scenes drawn for ${split} ${number}: ${JSON.stringify(refusals)}. ` +
        `Can the arm of ${this.robot.name} reach its table, and does its camera see it?`,
      { split, number, refusals },
    )
  }

  #attempt(split: Split, number: number, attempt: number, action: Action | undefined): LabelledScene {
    const { seed } = this.#options
    const stream = (purpose: string) => random(seed, 'tabletop', split, number, attempt, purpose)
    const still = sampleScene(stream('scene'), {
      setting: action ? settingOf[action] : this.#settingOf(number),
      pairs: split === 'heldOutPairs' ? 'heldOut' : 'trained',
      tableHeight: this.#tableHeight,
    })
    const way = stream('way')
    const isUnderWay = still.setting === 'floor' && split === 'train' && way.chance(underWayProbability)
    const scene = isUnderWay ? underWay(still, way) : still
    const { drawn, robot, rendering, truths, refusals } = this.#answer(scene, stream)
    const words = stream('commands')
    const { records, unnamed } = commandRecords(scene, truths, split, this.#options, words, action)
    const { position, rotation, verticalFov } = drawn.camera
    const record: SceneRecord = {
      ...scene,
      camera: { position, rotation: Array.from(rotation), verticalFov },
      ...(scene.setting === 'floor' && {
        robot: { position: robot.position, rotation: Array.from(robot.rotation) },
      }),
      commands: records,
    }
    return { rendering, record, truths, refusals: { ...refusals, unnamed } }
  }

  /** Render the scene and compute the right answers about it. */
  #answer(
    scene: Scene,
    stream: (purpose: string) => Random,
  ): {
    drawn: RenderScene
    robot: Frame
    rendering: Rendering
    truths: (Truth | undefined)[]
    refusals: Refusals
  } {
    const { size, smooth } = this.#options
    const simulation = new Simulation(this.#mujoco, scene, this.robot)
    const kinematics = new InverseKinematics(simulation)
    try {
      const plain = renderState(simulation, { width: size, height: size })
      const ranges = this.#randomization
      const drawn = ranges ? randomizeScene(plain, ranges, stream('look')) : plain
      const noiseSeed = stream('noise').integer(2 ** 31)
      const rendering = render(drawn, { supersample: smooth ? 2 : 1, seed: noiseSeed })
      const answers = groundTruth(simulation, kinematics, drawn, rendering)
      const refusals = { ...noRefusals }
      for (const answer of answers) if (typeof answer === 'string') refusals[answer] += 1
      const truths = answers.map((answer) => (typeof answer === 'string' ? undefined : answer))
      return { drawn, robot: simulation.startFrame, rendering, truths, refusals }
    } finally {
      kinematics.dispose()
      simulation.dispose()
    }
  }

  #taskOf(number: number): Action | undefined {
    const { tasks = [] } = this.#options
    return tasks[number % tasks.length]
  }

  #settingOf(number: number): Setting {
    const { setting } = this.#options
    if (setting !== 'both') return setting
    return settingOfNumber[number % settingOfNumber.length]!
  }
}

/** A joint with its limits, if it has some. */
const described = (name: string, { low, high }: JointElement): Joint => ({
  name,
  ...(low > Number.NEGATIVE_INFINITY && { limits: [low, high] }),
})
