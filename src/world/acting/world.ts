import { random, WorldError } from '../../core/index.ts'
import type { Meaning } from '../commands/command.ts'
import { groundTruth, type Refusal, type Truth } from '../expert/ground-truth.ts'
import { InverseKinematics } from '../expert/inverse-kinematics.ts'
import { parseRandomization, type Randomization, randomizeScene } from '../randomization/index.ts'
import { type Rendering, type RenderScene, render, renderLabels, type Vector3 } from '../renderer/index.ts'
import { baseJoints, fingerJoints, type JointName } from '../robot/joint-names.ts'
import type { Posture } from '../robot/postures.ts'
import { ownRobot, type RobotDescription } from '../robot/robot-description.ts'
import type { Scene } from '../scene/scene.ts'
import type { Elements } from '../simulation/elements.ts'
import { pointInto, pointOutOf, turnAboutZ } from '../simulation/frame.ts'
import { loadMujoco, type Mujoco } from '../simulation/mujoco.ts'
import { type RobotCamera, renderState } from '../simulation/render-state.ts'
import { Simulation } from '../simulation/simulation.ts'
import { type Judgement, judge, judgeHand } from './judge.ts'

/** Action of the robot for a while. A missing field changes nothing: joints keep their aim, the base rests. */
export interface WorldAction {
  /** Target angles of the arm's joints, from shoulder to wrist, radians; clipped to the joints' limits. */
  readonly joints?: readonly number[]
  /** Velocity of the base in the robot's frame: metres a second, and radians a second to the left; 1 at most each. */
  readonly base?: { readonly forward: number; readonly left: number; readonly turn: number }
  /** Opening of the gripper, from 0 to 1. */
  readonly gripper?: number
}

/** Options of the robot's view. */
export interface Eyes {
  /** Side of the square image, pixels. Default 64. */
  readonly size?: number
  /** Camera. Default: the head's. */
  readonly camera?: RobotCamera
  /** Smooth edges, as in the images for training. Default true. */
  readonly smooth?: boolean
  readonly randomization?: Randomization
  /** Seed of the random look; constant within an episode. Default 0. */
  readonly seed?: number
  /** Change of the scene before it is drawn, after the randomization: another camera, other light. Default: none. */
  readonly change?: (scene: RenderScene) => RenderScene
}

/** Seconds between two measurements of the base's heading, along which its velocity is given. */
const controlPeriod = 0.02

/** Longest duration of one action, seconds, so that every call ends. */
const longestAction = 60

/**
 * World to act in, step by step:
 *
 *     const world = await World.open()
 *     world.reset(scene)
 *     const { color } = world.observe()
 *     world.act({ joints }, 0.05)     // aim there and let 0.05 s pass; again and again
 *     world.judge(meaning)            // { success, distance, tolerance }
 *     world.dispose()
 *
 * The same scene and actions give the same states on the same machine.
 */
export class World {
  readonly #mujoco: Mujoco
  readonly #robot: RobotDescription
  #simulation: Simulation | undefined

  private constructor(mujoco: Mujoco, robot: RobotDescription) {
    this.#mujoco = mujoco
    this.#robot = robot
  }

  static async open(robot: RobotDescription = ownRobot): Promise<World> {
    return new World(await loadMujoco(), robot)
  }

  /**
   * Begin with a scene.
   * @param posture Joints that begin elsewhere than in the robot's start posture, radians and metres.
   * @throws ConfigError `world/scene` for a scene with a value that is not valid; WorldError for an unsuitable robot.
   */
  reset(scene: Scene, posture: Posture = {}): void {
    this.dispose()
    this.#simulation = new Simulation(this.#mujoco, scene, this.#robot)
    if (Object.keys(posture).length > 0) this.#simulation.restart(posture)
  }

  /**
   * Simulation of the present scene.
   * @throws WorldError `world/not-reset` before the first `reset`.
   */
  get simulation(): Simulation {
    if (this.#simulation !== undefined) return this.#simulation
    throw new WorldError('world/not-reset', 'nothing is simulated yet: call reset with a scene first')
  }

  /** Image, depth and segmentation from one of the robot's cameras. */
  observe(eyes: Eyes = {}): Rendering {
    const { smooth = true, seed = 0 } = eyes
    const noise = random(seed, 'noise').integer(2 ** 31)
    return render(this.#seenScene(eyes), { supersample: smooth ? 2 : 1, seed: noise })
  }

  /**
   * Right answers about each nameable object as it is seen now, or the reason for none: hidden, out of reach, or the arm
   * would collide. Undefined for other objects. Nothing moves.
   */
  answers(eyes: Eyes = {}): (Truth | Refusal | undefined)[] {
    const scene = this.#seenScene(eyes)
    const seen = renderLabels(scene)
    return this.withKinematics((kinematics) => groundTruth(this.simulation, kinematics, scene, seen))
  }

  /**
   * Act for some seconds of simulated time.
   * @throws WorldError `world/wrong-action` for numbers that are not finite, too few joints or a wrong time;
   * `world/not-finite` when the simulation breaks.
   */
  act({ joints, base, gripper }: WorldAction, seconds: number): void {
    const { simulation } = this
    checkAction(simulation.elements, seconds, joints, base && Object.values(base), gripper)
    joints?.forEach((angle, i) => {
      this.#aim(simulation.elements.arm[i]!, angle)
    })
    if (gripper !== undefined) {
      for (const finger of fingerJoints) {
        const { low, high } = simulation.element(finger)
        this.#aim(finger, low + Math.min(1, Math.max(0, gripper)) * (high - low))
      }
    }
    const steps = Math.max(1, Math.round(seconds / simulation.timestep))
    const between = Math.max(1, Math.round(controlPeriod / simulation.timestep))
    for (let step = 0; step < steps; step += between) {
      this.#drive(base)
      simulation.step(Math.min(between, steps - step))
    }
  }

  /** Distance between the outcome and the goal of a command. */
  judge(meaning: Meaning): Judgement {
    return judge(this.simulation, meaning)
  }

  /** Distance from the hand to the grasp of an object at the table, also of one to be put elsewhere. */
  judgeHand(target: number): Judgement {
    return judgeHand(this.simulation, target)
  }

  /** Transform a point from the world into the robot's present frame. */
  inRobotFrame(point: Vector3): Vector3 {
    return pointInto(this.simulation.robotFrame(), point)
  }

  /** Transform a point from the robot's present frame into the world. */
  inWorld(point: Vector3): Vector3 {
    return pointOutOf(this.simulation.robotFrame(), point)
  }

  /** Present angles of the arm's joints, radians. */
  get joints(): number[] {
    return this.simulation.elements.arm.map((name) => this.simulation.joint(name))
  }

  /**
   * Compute with the arm's kinematics without moving it: changes that `work` makes to the simulation's joints are
   * undone.
   */
  withKinematics<T>(work: (kinematics: InverseKinematics) => T): T {
    const { simulation } = this
    const { mujoco, model, data } = simulation
    const kept = data.qpos.slice()
    const kinematics = new InverseKinematics(simulation)
    try {
      return work(kinematics)
    } finally {
      kinematics.dispose()
      data.qpos.set(kept)
      mujoco.mj_kinematics(model, data)
      mujoco.mj_comPos(model, data)
    }
  }

  /** Free MuJoCo's memory; `reset` begins anew. */
  dispose(): void {
    this.#simulation?.dispose()
    this.#simulation = undefined
  }

  /** The present scene from a camera, with the look of these eyes. */
  #seenScene({ size = 64, camera, randomization, seed = 0, change = (scene) => scene }: Eyes): RenderScene {
    const plain = renderState(this.simulation, { width: size, height: size }, camera)
    if (randomization === undefined) return change(plain)
    return change(randomizeScene(plain, parseRandomization(randomization), random(seed, 'look')))
  }

  #aim(name: JointName, value: number): void {
    const { low, high } = this.simulation.element(name)
    this.simulation.setTarget(name, Math.min(high, Math.max(low, value)))
  }

  #drive(base: WorldAction['base']): void {
    if (!this.simulation.elements.drives) return
    const limited = (speed: number) => Math.min(1, Math.max(-1, speed))
    const heading = this.simulation.joint('base_yaw')
    const { forward = 0, left = 0, turn = 0 } = base ?? {}
    const [x, y] = turnAboutZ([limited(forward), limited(left), 0], heading)
    const velocities = [x, y, limited(turn)]
    baseJoints.forEach((name, i) => {
      this.simulation.setTarget(name, velocities[i]!)
    })
  }
}

function checkAction(
  { arm, drives }: Elements,
  seconds: number,
  joints: readonly number[] | undefined,
  base: readonly number[] | undefined,
  gripper: number | undefined,
): void {
  const numbers = [seconds, ...(joints ?? []), ...(base ?? []), gripper ?? 0]
  const problem = !numbers.every(Number.isFinite)
    ? 'it has numbers that are not finite'
    : joints !== undefined && joints.length !== arm.length
      ? `it has ${joints.length} joints; the arm has ${arm.length}`
      : seconds <= 0 || seconds > longestAction
        ? `it lasts ${seconds} s; that must be more than 0 and at most ${longestAction}`
        : !drives && base?.some((speed) => speed !== 0)
          ? 'it drives, and the robot stands fast'
          : undefined
  if (problem === undefined) return
  throw new WorldError('world/wrong-action', `the world refuses an action: ${problem}`, {
    seconds,
    joints,
    base,
    gripper,
  })
}
