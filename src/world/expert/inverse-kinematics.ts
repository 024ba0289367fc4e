import type { DoubleBuffer } from '@mujoco/mujoco'
import type { Vector3 } from '../renderer/index.ts'
import { type Frame, multiply, transpose } from '../simulation/frame.ts'
import { rotationVector } from '../simulation/rotation.ts'
import type { Simulation } from '../simulation/simulation.ts'
import { dampedStep } from './damped-least-squares.ts'

/** Parameters of the search. */
const search = {
  iterations: 80,
  /** λ of damped least squares. */
  damping: 0.01,
  /** Longest step of a joint, radians. */
  longestStep: 0.5,
  /** Fraction of the way back to the preferred posture that free motion takes in one step. */
  preference: 0.5,
  /** Fraction of the way to it that free motion takes from one target to the next. */
  drift: 0.05,
  /** Longest joint step, in radians, below which the search has converged. */
  atRest: 5e-4,
  /** Distance kept from a joint's limits, radians. */
  margin: 0.02,
  /** Angles by which another posture turns a joint of the upper arm, radians, nearest first. */
  turns: [0.4, -0.4, 0.8, -0.8, 1.2, -1.2],
  /** Count of the last joints, which turn the hand; the others are the upper arm's. */
  wristJoints: 3,
}

/** Tolerance of a solution: metres and radians. */
export const reachTolerance = { position: 0.002, rotation: 0.01 }

/** Joint angles with the error of the hand. */
export interface Reach {
  /** Angles of the arm's joints from the shoulder on, radians. */
  readonly joints: readonly number[]
  /** Remaining errors: metres and radians. */
  readonly positionError: number
  readonly rotationError: number
  readonly reached: boolean
}

/**
 * Inverse kinematics of a simulation's robot, for frames of the hand in the world. The arm stays at the end of the last
 * search.
 */
export class InverseKinematics {
  readonly #simulation: Simulation
  readonly #translation: DoubleBuffer
  readonly #turn: DoubleBuffer

  constructor(simulation: Simulation) {
    this.#simulation = simulation
    const size = 3 * simulation.model.nv
    this.#translation = new simulation.mujoco.DoubleBuffer(size)
    this.#turn = new simulation.mujoco.DoubleBuffer(size)
  }

  /**
   * Joint angles within their limits that bring the hand to `target`, the nearest to a preferred posture. The search
   * always begins there, so that near targets have near answers. If a joint ends at its limit short of the target, a
   * second search compensates with the others. Each ends after 80 iterations at the latest; `reached` is false for a
   * frame out of reach.
   */
  solve(target: Frame): Reach {
    const preferred = this.#preferred()
    const pull = (angles: Float64Array) =>
      angles.map((angle, i) => search.preference * (preferred[i]! - angle))
    const first = this.#search(target, preferred, pull, false)
    if (first.reached) return first
    const second = this.#search(target, preferred, pull, true)
    if (second.reached) return second
    this.#place(Float64Array.from(first.joints))
    return first
  }

  /**
   * Other answers for `target`, if any: from a first one, each joint of the upper arm is turned a little, then more,
   * and the others follow. Searched lazily, one at a time.
   */
  *others(target: Frame, { joints: angles }: Reach): Generator<Reach> {
    for (const turn of search.turns) {
      for (let joint = 0; joint < angles.length - search.wristJoints; joint++) {
        const goal = angles[joint]! + turn
        const pull = (now: Float64Array) =>
          now.map((angle, i) => (i === joint ? search.preference * (goal - angle) : 0))
        const reach = this.#search(target, angles, pull, true)
        if (reach.reached) yield reach
      }
    }
  }

  /** Answer of a search from given joint angles, without a preferred posture. */
  near(target: Frame, joints: readonly number[]): Reach {
    return this.#search(target, joints, (angles) => new Float64Array(angles.length), true)
  }

  /**
   * Answer for the next of a row of near targets, from the angles for the one before. What the target leaves free drifts to the
   * preferred posture, a twentieth of the way each time, so that where the arm ends does not depend on how it came.
   */
  follow(target: Frame, joints: readonly number[]): Reach {
    const goal = this.#preferred().map((angle, i) => joints[i]! + search.drift * (angle - joints[i]!))
    return this.#search(
      target,
      joints,
      (now) => now.map((angle, i) => search.preference * (goal[i]! - angle)),
      true,
    )
  }

  /** Frame of the hand in the world for joint angles: forward kinematics. */
  handAt(joints: readonly number[]): Frame {
    this.#place(Float64Array.from(joints))
    return this.#simulation.handFrame()
  }

  dispose(): void {
    this.#translation.delete()
    this.#turn.delete()
  }

  #preferred(): Float64Array {
    const { elements, postures } = this.#simulation
    return Float64Array.from(elements.arm, (name) => postures.reach[name] ?? 0)
  }

  /**
   * Search from the arm's present angles.
   * @param pull Radians by which joints are drawn, beside the way to the target.
   * @param yielding True to leave joints at a limit out of steps that would lead beyond.
   */
  #search(
    target: Frame,
    start: ArrayLike<number>,
    pull: (angles: Float64Array) => Float64Array,
    yielding: boolean,
  ): Reach {
    const limits = this.#simulation.elements.arm.map((name) => {
      const { low, high } = this.#simulation.element(name)
      const margin = Math.min(search.margin, (high - low) / 4) // one that hardly moves stays in its middle
      return { low: low + margin, high: high - margin }
    })
    const angles = Float64Array.from(start)
    for (let iteration = 0; iteration < search.iterations; iteration++) {
      this.#place(angles)
      const error = this.#error(target)
      const step = yielding
        ? stepWithin(this.#jacobian(), error, pull(angles), angles, limits)
        : dampedStep(this.#jacobian(), error, pull(angles), search.damping)
      const longest = step.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0)
      const shortened = Math.min(1, search.longestStep / longest)
      let moved = 0
      limits.forEach(({ low, high }, i) => {
        const angle = clamp(angles[i]! + shortened * step[i]!, low, high)
        moved = Math.max(moved, Math.abs(angle - angles[i]!))
        angles[i] = angle
      })
      if (moved < search.atRest) break
    }
    return this.#outcome(angles, target)
  }

  #outcome(angles: Float64Array, target: Frame): Reach {
    this.#place(angles)
    const error = this.#error(target)
    const positionError = Math.hypot(...error.subarray(0, 3))
    const rotationError = Math.hypot(...error.subarray(3))
    // Comparisons with a NaN are false, so that one is never taken for a solution.
    const reached = positionError < reachTolerance.position && rotationError < reachTolerance.rotation
    return { joints: Array.from(angles), positionError, rotationError, reached }
  }

  #place(angles: Float64Array): void {
    const { mujoco, model, data, elements } = this.#simulation
    elements.arm.forEach((name, i) => {
      data.qpos[this.#simulation.element(name).position] = angles[i]!
    })
    mujoco.mj_kinematics(model, data)
    mujoco.mj_comPos(model, data)
  }

  /** Error from the hand to the target in the world's axes: metres, then a rotation vector in radians; [6]. */
  #error(target: Frame): Float64Array {
    const hand = this.#simulation.handFrame()
    const turn: Vector3 = rotationVector(multiply(target.rotation, transpose(hand.rotation)))
    const way = target.position.map((coordinate, i) => coordinate - hand.position[i]!)
    return Float64Array.of(...way, ...turn)
  }

  /** Jacobian of the hand's position and rotation by the arm's joints, [6, joints]. */
  #jacobian(): Float64Array {
    const { mujoco, model, data, elements } = this.#simulation
    mujoco.mj_jacSite(model, data, this.#translation, this.#turn, elements.hand)
    const all: readonly Float64Array[] = [this.#translation.GetView(), this.#turn.GetView()]
    const columns = elements.arm.map((name) => this.#simulation.element(name).velocity)
    return Float64Array.from({ length: 6 * columns.length }, (_, i) => {
      const row = Math.floor(i / columns.length)
      return all[Math.floor(row / 3)]![(row % 3) * model.nv + columns[i % columns.length]!]!
    })
  }
}

interface Limits {
  readonly low: number
  readonly high: number
}

/** Damped step within the limits: a joint that would pass its limit is held, and the step is solved anew. */
function stepWithin(
  jacobian: Float64Array,
  error: Float64Array,
  pull: Float64Array,
  angles: Float64Array,
  limits: readonly Limits[],
): Float64Array {
  const columns = pull.length
  for (;;) {
    const step = dampedStep(jacobian, error, pull, search.damping)
    const held = limits.flatMap(({ low, high }, i) => {
      const beyond = (angles[i]! <= low && step[i]! < 0) || (angles[i]! >= high && step[i]! > 0)
      return beyond ? [i] : []
    })
    if (held.length === 0) return step
    for (const joint of held) {
      pull[joint] = 0
      for (let row = 0; row < error.length; row++) jacobian[row * columns + joint] = 0
    }
  }
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value))
