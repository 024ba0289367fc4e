import { WorldError } from '../../core/index.ts'
import type { World } from '../acting/world.ts'
import { fingerJoints } from '../robot/joint-names.ts'
import { multiply, pointInto, transpose } from '../simulation/frame.ts'
import { handFrame, handPose } from './hand-pose.ts'
import { type Controls, controlRate, type RobotNumbers, robotNumbers } from './robot-numbers.ts'

/**
 * Continuous control of a world's robot, {@link controlRate} steps a second: numbers in, numbers out, as robots' data sets
 * hold them.
 *
 *     const control = new RobotControl(world, { base: false, actionSpace: 'joints' })   // after world.reset(scene)
 *     control.act(policy(control.state(), world.observe(), world.observe({ camera: 'wrist' })))
 */
export class RobotControl {
  readonly numbers: RobotNumbers
  readonly #world: World
  readonly #controls: Controls
  /** Angles at which the arm aims, from which inverse kinematics goes on. */
  #aim: readonly number[]
  #steps = 0

  /**
   * Begin with the present scene of a world.
   * @throws WorldError `world/fixed-base` for the base of a robot that has none.
   */
  constructor(world: World, controls: Controls) {
    const { simulation } = world
    if (controls.base && !simulation.elements.drives) {
      const { name } = simulation.robot
      throw new WorldError('world/fixed-base', `${name} stands fast: control it without a base`, {
        robot: name,
      })
    }
    this.#world = world
    this.#controls = controls
    this.#aim = world.joints
    this.numbers = robotNumbers(simulation, controls)
  }

  /** Count of steps so far. */
  get steps(): number {
    return this.#steps
  }

  /** Measured state, in the order of `numbers.state`. */
  state(): number[] {
    return [
      ...this.#told(this.#world.joints),
      this.#opening(),
      ...(this.#controls.base ? this.#odometry() : []),
    ]
  }

  /** Action that aims at joint angles, radians, an opening of the gripper, and velocities of the base. */
  actionFor(joints: readonly number[], gripper: number, base: readonly number[]): number[] {
    return [...this.#told(joints), gripper, ...(this.#controls.base ? base : [])]
  }

  /** Action that holds the arm and the gripper where they are. */
  hold(): number[] {
    return this.actionFor(this.#world.joints, this.#opening(), [0, 0, 0])
  }

  /**
   * Aim at targets, in the order of `numbers.action`, and let 1/20 s pass. Steps of the simulation that do not divide it
   * are made up for by the next ones. A pose out of reach is aimed at by the nearest that the search finds.
   * @throws WorldError `world/wrong-action` for another count of numbers, or one that is not finite.
   */
  act(action: readonly number[]): void {
    const { action: names } = this.numbers
    if (action.length !== names.length || !action.every(Number.isFinite)) {
      const problem = `it is [${action.join(', ')}], and must be ${names.length} finite numbers: ${names.join(', ')}`
      throw new WorldError('world/wrong-action', `the world refuses an action: ${problem}`, { action, names })
    }
    const { simulation } = this.#world
    const gripperAt = names.indexOf('gripper')
    const joints = this.#anglesFor(action.slice(0, gripperAt))
    const [gripper = 0, forward = 0, left = 0, turn = 0] = action.slice(gripperAt)
    const { timestep } = simulation
    const at = (step: number) => Math.round(step / controlRate / timestep)
    const seconds = (at(this.#steps + 1) - at(this.#steps)) * timestep
    this.#world.act(
      { joints, gripper, ...(this.#controls.base && { base: { forward, left, turn } }) },
      seconds,
    )
    this.#aim = joints
    this.#steps += 1
  }

  /** Joint angles in the numbers of states and actions. */
  #told(joints: readonly number[]): readonly number[] {
    if (this.#controls.actionSpace === 'joints') return joints
    const { simulation } = this.#world
    return this.#world.withKinematics((arm) => handPose(arm.handAt(joints), simulation.robotFrame()))
  }

  #anglesFor(numbers: readonly number[]): readonly number[] {
    if (this.#controls.actionSpace === 'joints') return numbers
    const { simulation } = this.#world
    return this.#world.withKinematics((arm) => {
      arm.handAt(this.#aim) // brings the robot's frame up to date, too
      return arm.follow(handFrame(numbers, simulation.robotFrame()), this.#aim).joints
    })
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
