import type { World } from '../acting/world.ts'
import type { Action, Meaning } from '../commands/command.ts'
import type { Vector3 } from '../renderer/index.ts'
import { fingerJoints } from '../robot/joint-names.ts'

/** State of a task at some moment. */
export interface TaskState {
  /** True when the task has been done for {@link taskTolerances}.steps steps of control in a row. */
  readonly done: boolean
  /** Metres that the thing has come up, at the table. */
  readonly lifted: number
  /** Metres to a right place: of the thing that is put, or of the robot; of other tasks from the hand to the grasp. */
  readonly distance: number
}

/** Limits of success: metres, metres a second, opening of the gripper, and steps of control for which all hold. */
export const taskTolerances = { lift: 0.05, speed: 0.03, open: 0.4, steps: 6 } as const

/**
 * Watch over a command while it is carried out. `pick` is done while the thing is held 5 cm above its place; `put` when it
 * lies in its relation, at rest, and the gripper is open; `push` when it rests where it was to be pushed; `go` when the robot rests at its goal; `point` while the hand is
 * at the thing.
 */
export class TaskWatch {
  readonly #world: World
  readonly #meaning: Meaning
  readonly #height: number
  #held = 0

  /** Begin to watch a world after its reset. */
  constructor(world: World, meaning: Meaning) {
    this.#world = world
    this.#meaning = meaning
    this.#height = this.#place()[2]
  }

  /** State after a step of control; to be asked once for each. */
  next(): TaskState {
    const [world, meaning] = [this.#world, this.#meaning]
    const { success } = world.judge(meaning)
    const { lifted } = this.now()
    this.#held = rules[meaning.action]({ world, meaning, lifted, success }) ? this.#held + 1 : 0
    return this.now()
  }

  /** State without a further step. */
  now(): TaskState {
    const { distance } = this.#world.judge(this.#meaning)
    const lifted = this.#world.simulation.scene.setting === 'table' ? this.#place()[2] - this.#height : 0
    return { done: this.#held >= taskTolerances.steps, lifted, distance }
  }

  #place(): Vector3 {
    return this.#world.simulation.thingFrame(this.#meaning.target).position
  }
}

interface Moment {
  readonly world: World
  readonly meaning: Meaning
  readonly lifted: number
  /** Success as `World.judge` has it. */
  readonly success: boolean
}

/** Conditions of each action in one moment. */
const rules: Readonly<Record<Action, (moment: Moment) => boolean>> = {
  pick: ({ lifted }) => lifted > taskTolerances.lift,
  put: ({ success, world, meaning }) => success && rests(world, meaning.target) && isOpen(world),
  push: ({ success, world, meaning }) => success && rests(world, meaning.target),
  go: ({ success, world }) => success && standsStill(world),
  point: ({ success }) => success,
}

const rests = ({ simulation }: World, thing: number): boolean =>
  simulation.thingSpeed(thing) < taskTolerances.speed

const isOpen = ({ simulation }: World): boolean =>
  fingerJoints.every((name) => {
    const { low, high } = simulation.element(name)
    return simulation.joint(name) - low > taskTolerances.open * (high - low)
  })

const standsStill = ({ simulation }: World): boolean =>
  Math.hypot(
    ...(['base_x', 'base_y'] as const).map(
      (name) => simulation.data.qvel[simulation.element(name).velocity]!,
    ),
  ) < taskTolerances.speed
