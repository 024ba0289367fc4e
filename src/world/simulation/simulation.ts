import type { MjData, MjModel } from '@mujoco/mujoco'
import { WorldError } from '../../core/index.ts'
import type { Vector3 } from '../renderer/index.ts'
import type { JointName } from '../robot/joint-names.ts'
import type { Posture, Postures } from '../robot/postures.ts'
import { ownRobot, type RobotDescription } from '../robot/robot-description.ts'
import { checkThings } from '../scene/check-things.ts'
import type { Scene } from '../scene/scene.ts'
import { checkActuators, checkTable, checkTimestep, requireBase } from './checks.ts'
import { type Elements, findElements, type JointElement } from './elements.ts'
import { type Frame, frameOf, turnAboutZ } from './frame.ts'
import { keyframePostures } from './keyframe-postures.ts'
import type { Mujoco } from './mujoco.ts'
import { modelOfScene } from './robot-model.ts'
import { thingName } from './scene-spec.ts'

/**
 * Scene in MuJoCo: its model and state, found by name. Compiling takes about 3 ms. MuJoCo's memory is not
 * garbage-collected: call `dispose` when done.
 */
export class Simulation {
  readonly mujoco: Mujoco
  readonly scene: Scene
  readonly robot: RobotDescription
  readonly model: MjModel
  readonly data: MjData
  readonly elements: Elements
  /** Postures from its MJCF's keyframes, or the description's. */
  readonly postures: Postures
  #startFrame: Frame | undefined

  /**
   * Set up the scene at its beginning: the robot in its start posture, everything in its place and at rest.
   * @throws ConfigError `world/scene` for a scene with a value that is not valid.
   * @throws WorldError as `modelOfScene`, `findElements`, `checkTimestep`, `checkActuators` and `checkTable` do.
   */
  constructor(mujoco: Mujoco, scene: Scene, robot: RobotDescription = ownRobot) {
    checkThings(scene)
    this.mujoco = mujoco
    this.scene = scene
    this.robot = robot
    this.model = modelOfScene(mujoco, scene, robot)
    this.data = new mujoco.MjData(this.model)
    try {
      this.elements = findElements(mujoco, this.model, robot)
      if (scene.setting === 'floor') requireBase(this.elements, robot)
      checkTimestep(this.model, robot)
      checkActuators(mujoco, this.model, robot, this.elements.joints)
      this.postures = keyframePostures(mujoco, this.model, this.elements, robot.postures)
      // A state that is not finite must be seen, not replaced by the beginning.
      this.model.opt.disableflags |= mujoco.mjtDisableBit.mjDSBL_AUTORESET.value
      this.restart()
      if (scene.setting === 'table') checkTable(this)
    } catch (error) {
      this.dispose()
      throw error
    }
  }

  /** Return to the beginning. @param posture Joints that begin elsewhere than in the start posture. */
  restart(posture: Posture = {}): void {
    this.mujoco.mj_resetData(this.model, this.data)
    this.setPosture({ ...this.postures.start[this.scene.setting], ...posture })
    for (const name of this.elements.joints.keys()) {
      if (!name.startsWith('base')) this.setTarget(name, this.joint(name))
    }
    this.mujoco.mj_kinematics(this.model, this.data)
    this.#placeThings()
    this.mujoco.mj_forward(this.model, this.data)
  }

  /**
   * Indices of a joint in MuJoCo's arrays.
   * @throws WorldError `world/missing-names` for a joint that the robot lacks.
   */
  element(name: JointName): JointElement {
    const element = this.elements.joints.get(name)
    if (element) return element
    const problem = `${this.robot.name} has no joint "${name}"`
    throw new WorldError('world/missing-names', problem, { robot: this.robot.name, missing: [name] })
  }

  /** Position of a joint, radians or metres. */
  joint(name: JointName): number {
    return this.data.qpos[this.element(name).position]!
  }

  /** Set the joints that the robot has, at once; `forward` or `kinematics` updates the bodies afterwards. */
  setPosture(posture: Posture): void {
    for (const [name, angle] of Object.entries(posture)) {
      const element = this.elements.joints.get(name as JointName)
      if (element) this.data.qpos[element.position] = angle
    }
  }

  /** Set the target of an actuator: an angle or a place, or for the base's a velocity along the world's axes. */
  setTarget(name: JointName, value: number): void {
    this.data.ctrl[this.element(name).actuator] = value
  }

  /**
   * Advance by `count` time steps.
   * @throws WorldError `world/not-finite` for a state that is not finite any more.
   */
  step(count: number): void {
    for (let i = 0; i < count; i++) this.mujoco.mj_step(this.model, this.data)
    if (this.data.qpos.every(Number.isFinite) && this.data.qvel.every(Number.isFinite)) return
    throw new WorldError(
      'world/not-finite',
      `the simulation is not finite any more after ${this.data.time.toFixed(2)} s. ` +
        `The commands were too large, or the masses or the time step of ${this.robot.name} do not suit`,
      { robot: this.robot.name, time: this.data.time },
    )
  }

  /** Duration of one time step, seconds. */
  get timestep(): number {
    return this.model.opt.timestep
  }

  /** Height of the table's top above the floor, metres. */
  get tableHeight(): number {
    const { tabletop } = this.elements
    return this.data.geom_xpos[3 * tabletop + 2]! + this.model.geom_size[3 * tabletop + 2]!
  }

  /** Robot's frame in the world. */
  robotFrame(): Frame {
    const { base } = this.elements
    return frameOf(this.data.xpos, this.data.xmat, base)
  }

  /** Frame between the fingertips in the world. */
  handFrame(): Frame {
    return frameOf(this.data.site_xpos, this.data.site_xmat, this.elements.hand)
  }

  /** Robot's frame at the beginning, in which scenes are described. */
  get startFrame(): Frame {
    return this.#startFrame!
  }

  /** Frame of an object in the world: its origin below its middle. */
  thingFrame(index: number): Frame {
    return frameOf(this.data.xpos, this.data.xmat, this.#thingBody(index))
  }

  /** Speed of an object, metres a second. */
  thingSpeed(index: number): number {
    const { model, data } = this
    const velocity = model.jnt_dofadr[model.body_jntadr[this.#thingBody(index)]!]!
    return Math.hypot(...data.qvel.subarray(velocity, velocity + 3))
  }

  dispose(): void {
    this.data.delete()
    this.model.delete()
  }

  /** Place the objects, from the robot's frame, where scenes are described, into the world. */
  #placeThings(): void {
    const robot = this.robotFrame()
    this.#startFrame = robot
    const heading = Math.atan2(robot.rotation[3]!, robot.rotation[0]!)
    this.scene.things.forEach(({ position, yaw }, index) => {
      const [x, y] = turnAboutZ(position, heading)
      const place: Vector3 = [robot.position[0] + x, robot.position[1] + y, position[2]]
      const turn = (yaw + heading) / 2
      const address = this.model.jnt_qposadr[this.model.body_jntadr[this.#thingBody(index)]!]!
      this.data.qpos.set([...place, Math.cos(turn), 0, 0, Math.sin(turn)], address)
    })
  }

  #thingBody(index: number): number {
    return this.mujoco.mj_name2id(this.model, this.mujoco.mjtObj.mjOBJ_BODY.value, thingName(index))
  }
}
