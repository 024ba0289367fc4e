import { createHash } from 'node:crypto'
import { ownPostures, type Postures } from './postures.ts'
import { robotMjcf } from './robot-mjcf.ts'

/** Robot with its room as MJCF and the files that it refers to. Plain data that crosses to worker threads. */
export interface RobotDescription {
  /** Name in messages: a path, or a note that it is ours. */
  readonly name: string
  readonly mjcf: string
  /** Folder of the MJCF, with slashes: `/home/me/robots`. */
  readonly folder: string
  /** Files by absolute path with slashes, in the order of MuJoCo's requests. */
  readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[]
  readonly postures: Postures
}

/** Robot of this package. */
export const ownRobot: RobotDescription = {
  name: 'the built-in robot',
  mjcf: robotMjcf,
  folder: '/',
  files: [],
  postures: ownPostures,
}

/** Digest of a robot's content, 64 hexadecimal digits: its MJCF and all its files, in any folder. */
export function robotDigest({ mjcf, files }: RobotDescription): string {
  const digest = createHash('sha256')
  for (const part of [mjcf, ...files.map(({ bytes }) => bytes)]) {
    digest.update(createHash('sha256').update(part).digest())
  }
  return digest.digest('hex')
}
