import { readFileSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { WorldError } from '../../core/index.ts'
import { disk, type FileTree, withFiles } from '../simulation/mounted-files.ts'
import { loadMujoco } from '../simulation/mujoco.ts'
import { prepare, refusedMjcf, wordsOf } from '../simulation/robot-model.ts'
import { ownPostures, type Postures } from './postures.ts'
import type { RobotDescription } from './robot-description.ts'

/**
 * Read a robot of your own: an MJCF with the names of `joint-names.ts`. It stands at the world's origin and looks along
 * x, with the table before it. MuJoCo finds its includes, meshes, height fields and textures by its own rules, on this
 * machine; all files that it reads become part of the description. Its keyframes `table`, `floor` and `reach` come
 * before `postures`.
 *
 * @throws WorldError `world/missing-file` for the MJCF or a file that it names, `world/mjcf` for MuJoCo's refusals.
 */
export async function readRobot(path: string, postures: Postures = ownPostures): Promise<RobotDescription> {
  const mjcf = new TextDecoder().decode(read(path))
  const folder = slashed(dirname(resolve(path)))
  const tree = recording(disk(folder))
  const mujoco = await loadMujoco()
  try {
    withFiles(mujoco, tree, folder, () => prepare(mujoco, mjcf).spec.delete())
  } catch (cause) {
    const missing = tree.missing.filter((file) => wordsOf(cause).includes(basename(file)))
    if (missing.length > 0) throw missingFile(missing[0]!, path, cause)
    throw refusedMjcf(path, cause)
  }
  return { name: path, mjcf, folder, files: tree.files(), postures }
}

/** Normalize slashes: `C:\\robots` → `/C:/robots`; other paths stay. */
const slashed = (path: string): string => path.replaceAll('\\', '/').replace(/^(?=[A-Za-z]:)/, '/')

/** Record the files read and the files looked for in vain. */
function recording(tree: FileTree) {
  const contents = new Map<string, Uint8Array>()
  const missing: string[] = []
  return {
    ...tree,
    missing,
    files: () => Array.from(contents, ([name, bytes]) => ({ name, bytes })),
    kindOf(path: string) {
      const kind = tree.kindOf(path)
      if (kind === undefined) missing.push(path)
      return kind
    },
    read(path: string) {
      const bytes = contents.get(path) ?? tree.read(path)
      contents.set(path, bytes)
      return bytes
    },
  }
}

function read(robot: string): Uint8Array {
  try {
    return readFileSync(robot)
  } catch (cause) {
    throw missingFile(robot, robot, cause)
  }
}

function missingFile(file: string, robot: string, cause: unknown): WorldError {
  const which = file === robot ? '' : `, which ${robot} refers to`
  return new WorldError(
    'world/missing-file',
    `cannot read ${file}${which}: ${wordsOf(cause)}`,
    { file, robot },
    { cause },
  )
}
