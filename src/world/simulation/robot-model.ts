import type { MjModel, MjSpec } from '@mujoco/mujoco'
import { WorldError } from '../../core/index.ts'
import type { Shape3 } from '../renderer/index.ts'
import type { RobotDescription } from '../robot/robot-description.ts'
import type { Scene } from '../scene/scene.ts'
import { type DrawnGeom, setVisualsAside } from './drawn-geoms.ts'
import { replaceByHulls } from './hull-meshes.ts'
import { type StoredFile, storedFiles, withFiles } from './mounted-files.ts'
import type { Mujoco } from './mujoco.ts'
import { compileScene } from './scene-spec.ts'

/** Robot as read by MuJoCo once, ready for scenes. */
export interface RobotModel {
  readonly spec: MjSpec
  /** Geoms for drawing, with all their triangles: the models of scenes lack them, or have their hulls only. */
  readonly drawn: readonly DrawnGeom[]
  /** Files of the hulls that stand for meshes in the spec. */
  readonly hulls: readonly StoredFile[]
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
  const { spec, hulls } = robotModel(mujoco, robot)
  const files = [...robot.files, ...hulls]
  const compiled = () => withRobotFiles(mujoco, { ...robot, files }, () => compileScene(mujoco, spec, scene))
  return inMujocosWords(robot, compiled)
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
 * Read an MJCF; meshes for drawing only are set aside and those that collide become their hulls, so that no scene is
 * slower for them.
 * @throws Error in MuJoCo's words.
 */
export function prepare(mujoco: Mujoco, mjcf: string): RobotModel {
  const spec = parsed(mujoco, mjcf)
  const shapes = new Map<string, Shape3>()
  const visuals = setVisualsAside(mujoco, spec)
  const { drawn: solids, files: hulls } = replaceByHulls(mujoco, spec)
  const drawn = [...visuals, ...solids]
  try {
    if (hulls.length === 0 && drawn.length === 0) return { spec, drawn, hulls, shapes }
    withFiles(mujoco, storedFiles(hulls), mujoco.FS.cwd(), () => mujoco.mj_compile(spec).delete())
    return { spec, drawn, hulls, shapes }
  } catch {
    // Something else in the MJCF refers to what was put aside or replaced.
    spec.delete()
    return { spec: parsed(mujoco, mjcf), drawn: [], hulls: [], shapes }
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

/** Work with the files of a robot; its folder is there if any of its own is. */
const withRobotFiles = <T>(
  mujoco: Mujoco,
  { files, folder }: Pick<RobotDescription, 'files' | 'folder'>,
  work: () => T,
): T => {
  if (files.length === 0) return work()
  const isThere = files.some(({ name }) => name.startsWith(`${folder}/`))
  return withFiles(mujoco, storedFiles(files), isThere ? folder : '/', work)
}

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
