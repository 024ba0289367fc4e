import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { WorldError } from '../../core/index.ts'
import { ownPostures, type Postures } from './postures.ts'
import { robotMjcf } from './robot-mjcf.ts'

/** A robot with its room as MJCF, and the files that it refers to. Plain data that crosses to worker threads. */
export interface RobotDescription {
  /** For messages: a path, or that it is ours. */
  readonly name: string
  readonly mjcf: string
  readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[]
  readonly postures: Postures
}

/** The robot of this package. */
export const ownRobot: RobotDescription = {
  name: 'the built-in robot',
  mjcf: robotMjcf,
  files: [],
  postures: ownPostures,
}

/**
 * A robot of your own: an MJCF with what `joint-names.ts` lists, standing at the world's origin, looking along x,
 * with the table before it. Files that it includes, and meshes and pictures that it names, are read too. Its keyframes
 * `table`, `floor` and `reach` come before `postures`.
 *
 * @throws WorldError `world/missing-file` for the MJCF or a file that it names, `world/mjcf` for a file that is none.
 */
export function readRobot(path: string, postures: Postures = ownPostures): RobotDescription {
  const mjcf = withoutComments(new TextDecoder().decode(read(path, path)))
  if (!/<\/mujoco>\s*$/.test(mjcf)) {
    throw new WorldError('world/mjcf', `${path} is no MJCF: it does not end with </mujoco>`, { robot: path })
  }
  const files = new Map<string, Uint8Array>()
  collect(mjcf, path, files)
  return { name: path, mjcf, files: Array.from(files, ([name, bytes]) => ({ name, bytes })), postures }
}

/** Reads what a text names with `file="…"`, and what included texts name. */
function collect(text: string, robot: string, files: Map<string, Uint8Array>): void {
  const folders = ['meshdir', 'texturedir', 'assetdir'].flatMap((key) => attributes(text, key))
  for (const name of attributes(text, 'file')) {
    if (files.has(name)) continue
    const places = ['', ...folders].map((folder) => join(dirname(robot), folder, name))
    const place = places.find((candidate) => existsSync(candidate))
    const bytes = read(place ?? places[0]!, robot)
    files.set(name, bytes)
    for (const folder of folders) files.set(join(folder, name), bytes)
    if (/\.(xml|mjcf)$/i.test(name)) collect(withoutComments(new TextDecoder().decode(bytes)), robot, files)
  }
}

const withoutComments = (xml: string): string => xml.replaceAll(/<!--[\s\S]*?-->/g, '')

const attributes = (text: string, key: string): string[] =>
  Array.from(text.matchAll(new RegExp(`\\b${key}\\s*=\\s*["']([^"']+)["']`, 'g')), (match) => match[1]!)

function read(file: string, robot: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new WorldError(
      'world/missing-file',
      `cannot read ${file}${file === robot ? '' : `, which ${robot} refers to`}: ${(cause as Error).message}`,
      { file, robot },
      { cause },
    )
  }
}
