import { spawnSync } from 'node:child_process'

/** True where the program `ffmpeg` is installed, which reads and writes the videos of data sets. */
export const hasFfmpeg = spawnSync('ffmpeg', ['-version'], { stdio: 'ignore' }).status === 0

if (!hasFfmpeg) console.warn('no ffmpeg here: tests of videos are skipped')
