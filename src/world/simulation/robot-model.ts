import type { MjModel, MjSpec } from '@mujoco/mujoco'
import { WorldError } from '../../core/index.ts'
import type { Shape3 } from '../renderer/index.ts'
import type { RobotDescription } from '../robot/robot-description.ts'
import type { Scene } from '../scene/scene.ts'
import { type DrawnGeom, setVisualsAside } from './drawn-geoms.ts'
import { storedFiles, withFiles } from './mounted-files.ts'
import type { Mujoco } from './mujoco.ts'
import { compileScene } from './scene-spec.ts'

/** Robot as read by MuJoCo once, ready for scenes. */
export interface RobotModel {
  readonly spec: MjSpec
  /** Geoms for drawing only: left out of the models of scenes, and drawn with their bodies. */
  readonly drawn: readonly DrawnGeom[]
  /** Triangles of the meshes left in the models of scenes, by their names there. */
  readonly shapes: Map<string, Shape3>
}

/** Models of this thread, as long as their descriptions are in use. */
const known = new WeakMap<RobotDescription, RobotModel>()
const unused = new FinalizationRegistry<MjSpec>((spec) => spec.delete())

/**
 * Compile the model of a scene with its robot. Reading the MJCF and preparing its meshes happens once. The caller
 * deletes the model.
 * @throws WorldError `world/mjcf` with MuJoCo's own words.
 */
export function modelOfScene(mujoco: Mujoco, scene: Scene, robot: RobotDescription): MjModel {
  const { spec } = robotModel(mujoco, robot)
  return inMujocosWords(robot, () => withRobotFiles(mujoco, robot, () => compileScene(mujoco, spec, scene)))
}

/**
 * Read and prepare a robot, or take it from the cache.
 * @throws WorldError `world/mjcf`.
 */
export function robotModel(mujoco: Mujoco, robot: RobotDescription): RobotModel {
  const there = known.get(robot)
  if (there) return there
  const made = inMujocosWords(robot, () => withRobotFiles(mujoco, robot, () => prepare(mujoco, robot.mjcf)))
  known.set(robot, made)
  unused.register(robot, made.spec)
  return made
}

/**
 * Read an MJCF; meshes for drawing only are set aside, so that no scene is slower for them.
 * @throws Error in MuJoCo's words.
 */
export function prepare(mujoco: Mujoco, mjcf: string): RobotModel {
  const spec = parsed(mujoco, mjcf)
  const shapes = new Map<string, Shape3>()
  const drawn = setVisualsAside(mujoco, spec)
  if (drawn.length === 0) return { spec, drawn, shapes }
  try {
    mujoco.mj_compile(spec).delete()
    return { spec, drawn, shapes }
  } catch {
    // Something else in the MJCF refers to what was put aside.
    spec.delete()
    return { spec: parsed(mujoco, mjcf), drawn: [], shapes }
  }
}

/** Parse a spec and compile it once. */
function parsed(mujoco: Mujoco, mjcf: string): MjSpec {
  const spec = mujoco.parseXMLString(mjcf)
  try {
    mujoco.mj_compile(spec).delete()
    return spec
  } catch (error) {
    spec.delete()
    throw error
  }
}

const withRobotFiles = <T>(mujoco: Mujoco, { files, folder }: RobotDescription, work: () => T): T =>
  files.length === 0 ? work() : withFiles(mujoco, storedFiles(files), folder, work)

function inMujocosWords<T>({ name }: RobotDescription, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw refusedMjcf(name, cause)
  }
}

/** Error for an MJCF that MuJoCo refuses, in its words. */
export function refusedMjcf(robot: string, cause: unknown): WorldError {
  return new WorldError(
    'world/mjcf',
    `MuJoCo refuses the MJCF of ${robot}: ${wordsOf(cause)}. Correct it there`,
    { robot },
    { cause },
  )
}

/** Message of MuJoCo's error, in one line. */
export const wordsOf = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).trim().replaceAll(/\s+/g, ' ')
