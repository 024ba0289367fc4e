import { WorldError } from '../../core/index.ts'
import type { World } from '../acting/world.ts'
import { fingerJoints } from '../robot/joint-names.ts'
import { multiply, pointInto, transpose } from '../simulation/frame.ts'
import { controlRate, type RobotNumbers, robotNumbers } from './robot-numbers.ts'

/**
 * Continuous control of a world's robot, {@link controlRate} steps a second: numbers in, numbers out, as robots' data sets
 * hold them.
 *
 *     const control = new RobotControl(world, { base: false })   // after world.reset(scene)
 *     control.act(policy(control.state(), world.observe(), world.observe({ camera: 'wrist' })))
 */
export class RobotControl {
  readonly numbers: RobotNumbers
  readonly #world: World
  readonly #base: boolean
  #steps = 0

  /**
   * Begin with the present scene of a world.
   * @throws WorldError `world/fixed-base` for the base of a robot that has none.
   */
  constructor(world: World, { base }: { readonly base: boolean }) {
    const { simulation } = world
    if (base && !simulation.elements.drives) {
      const { name } = simulation.robot
      throw new WorldError('world/fixed-base', `${name} stands fast: control it without a base`, {
        robot: name,
      })
    }
    this.#world = world
    this.#base = base
    this.numbers = robotNumbers(simulation, base)
  }

  /** Count of steps so far. */
  get steps(): number {
    return this.#steps
  }

  /** Measured state, in the order of `numbers.state`. */
  state(): number[] {
    return [...this.#world.joints, this.#opening(), ...(this.#base ? this.#odometry() : [])]
  }

  /**
   * Aim at targets, in the order of `numbers.action`, and let 1/20 s pass. Steps of the simulation that do not divide it
   * are made up for by the next ones.
   * @throws WorldError `world/wrong-action` for another count of numbers, or one that is not finite.
   */
  act(action: readonly number[]): void {
    const { action: names } = this.numbers
    if (action.length !== names.length || !action.every(Number.isFinite)) {
      const problem = `it is [${action.join(', ')}], and must be ${names.length} finite numbers: ${names.join(', ')}`
      throw new WorldError('world/wrong-action', `the world refuses an action: ${problem}`, { action, names })
    }
    const { simulation } = this.#world
    const joints = action.slice(0, simulation.elements.arm.length)
    const [gripper = 0, forward = 0, left = 0, turn = 0] = action.slice(joints.length)
    const { timestep } = simulation
    const at = (step: number) => Math.round(step / controlRate / timestep)
    const seconds = (at(this.#steps + 1) - at(this.#steps)) * timestep
    this.#world.act({ joints, gripper, ...(this.#base && { base: { forward, left, turn } }) }, seconds)
    this.#steps += 1
  }

  /** Mean opening of the fingers, from 0 to 1. */
  #opening(): number {
    const { simulation } = this.#world
    const shares = fingerJoints.map((name) => {
      const { low, high } = simulation.element(name)
      return (simulation.joint(name) - low) / (high - low)
    })
    return shares.reduce((sum, share) => sum + share, 0) / shares.length
  }

  /** Pose of the base in the frame of the start. */
  #odometry(): number[] {
    const { simulation } = this.#world
    const { startFrame } = simulation
    const { position, rotation } = simulation.robotFrame()
    const [x, y] = pointInto(startFrame, position)
    const turn = multiply(transpose(startFrame.rotation), rotation)
    return [x, y, Math.atan2(turn[3]!, turn[0]!)]
  }
}
