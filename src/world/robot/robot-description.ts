import { createHash } from 'node:crypto'
import { ownPostures, type Postures } from './postures.ts'
import { robotMjcf } from './robot-mjcf.ts'

/** A robot with its room as MJCF, and the files that it refers to. Plain data that crosses to worker threads. */
export interface RobotDescription {
  /** For messages: a path, or that it is ours. */
  readonly name: string
  readonly mjcf: string
  /** The folder of the MJCF, with slashes: `/home/me/robots`. */
  readonly folder: string
  /** By absolute path with slashes, in the order in which MuJoCo asks for them. */
  readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[]
  readonly postures: Postures
}

/** The robot of this package. */
export const ownRobot: RobotDescription = {
  name: 'the built-in robot',
  mjcf: robotMjcf,
  folder: '/',
  files: [],
  postures: ownPostures,
}

/** A robot's content in 64 hexadecimal digits: its MJCF and all files that belong to it, wherever they lie. */
export function robotDigest({ mjcf, files }: RobotDescription): string {
  const digest = createHash('sha256')
  for (const part of [mjcf, ...files.map(({ bytes }) => bytes)]) {
    digest.update(createHash('sha256').update(part).digest())
  }
  return digest.digest('hex')
}
