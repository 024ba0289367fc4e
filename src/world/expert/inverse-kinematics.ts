import type { DoubleBuffer } from '@mujoco/mujoco'
import type { Vector3 } from '../renderer/index.ts'
import { armJoints } from '../robot/joint-names.ts'
import { type Frame, multiply, transpose } from '../simulation/frame.ts'
import { rotationVector } from '../simulation/rotation.ts'
import type { Simulation } from '../simulation/simulation.ts'
import { dampedStep } from './damped-least-squares.ts'

/** How well and how long to search. */
const search = {
  iterations: 80,
  /** λ of damped least squares. */
  damping: 0.01,
  /** Radians that a joint moves in one step at most. */
  longestStep: 0.5,
  /** Share of the way back to the preferred posture that free motion takes in one step. */
  preference: 0.5,
  /** Radians of the longest joint step below which the search has come to rest. */
  atRest: 5e-4,
  /** Radians kept from a joint's limits. */
  margin: 0.02,
}

/** How near a solution must come: metres and radians. */
export const reachTolerance = { position: 0.002, rotation: 0.01 }

/** Joint angles and how near they bring the hand. */
export interface Reach {
  /** Of `armJoints`, radians. */
  readonly joints: readonly number[]
  /** Metres and radians that are left. */
  readonly positionError: number
  readonly rotationError: number
  readonly reached: boolean
}

/** Brings the hand of a simulation's robot to frames in the world. Leaves the arm where the last search ended. */
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
   * The joint angles within their limits that bring the hand to `target`, those nearest to the posture `reach` of
   * all that do: the search always begins there, so that near targets have near answers. Ends after 80 iterations
   * at the latest; `reached` is false for a frame out of reach.
   */
  solve(target: Frame): Reach {
    const simulation = this.#simulation
    const { joints } = simulation.elements
    const preferred = Float64Array.from(armJoints, (name) => simulation.postures.reach[name])
    const angles = preferred.slice()
    for (let iteration = 0; iteration < search.iterations; iteration++) {
      this.#place(angles)
      const error = this.#error(target)
      const pull = preferred.map((angle, i) => search.preference * (angle - angles[i]!))
      const step = dampedStep(this.#jacobian(), error, pull, search.damping)
      const longest = step.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0)
      const shortened = Math.min(1, search.longestStep / longest)
      let moved = 0
      armJoints.forEach((name, i) => {
        const { low, high } = joints[name]
        const angle = clamp(angles[i]! + shortened * step[i]!, low + search.margin, high - search.margin)
        moved = Math.max(moved, Math.abs(angle - angles[i]!))
        angles[i] = angle
      })
      if (moved < search.atRest) break
    }
    return this.#outcome(angles, target)
  }

  /** Where the hand is in the world with the arm's joints at these angles: forward kinematics. */
  handAt(joints: readonly number[]): Frame {
    this.#place(Float64Array.from(joints))
    return this.#simulation.handFrame()
  }

  dispose(): void {
    this.#translation.delete()
    this.#turn.delete()
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
    armJoints.forEach((name, i) => {
      data.qpos[elements.joints[name].position] = angles[i]!
    })
    mujoco.mj_kinematics(model, data)
    mujoco.mj_comPos(model, data)
  }

  /** From the hand to the target in the world's axes: metres, then a rotation vector in radians; [6]. */
  #error(target: Frame): Float64Array {
    const hand = this.#simulation.handFrame()
    const turn: Vector3 = rotationVector(multiply(target.rotation, transpose(hand.rotation)))
    const way = target.position.map((coordinate, i) => coordinate - hand.position[i]!)
    return Float64Array.of(...way, ...turn)
  }

  /** How the hand moves and turns with the arm's joints, [6, 7]. */
  #jacobian(): Float64Array {
    const { mujoco, model, data, elements } = this.#simulation
    mujoco.mj_jacSite(model, data, this.#translation, this.#turn, elements.hand)
    const all: readonly Float64Array[] = [this.#translation.GetView(), this.#turn.GetView()]
    const columns = armJoints.map((name) => elements.joints[name].velocity)
    return Float64Array.from({ length: 6 * columns.length }, (_, i) => {
      const row = Math.floor(i / columns.length)
      return all[Math.floor(row / 3)]![(row % 3) * model.nv + columns[i % columns.length]!]!
    })
  }
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value))
