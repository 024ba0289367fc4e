import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { CameraPixels } from '../images/index.ts'
import type { FramePlace } from '../sample.ts'
import { framesOf, videoDecoder } from './decoder.ts'
import { type FrameFile, keepWithin, openFrames, readFrame, writeFrames } from './frame-files.ts'

export { type DecodedFrame, type VideoDecoder, type VideoRange, videoDecoder } from './decoder.ts'

/** Deviation of a frame from the time that is asked for, in seconds: LeRobot's own. */
const toleranceSeconds = 1e-4

/** Bytes of all decoded frames on disk, unless VISUOMOTOR_FRAME_CACHE_GB says another number of gigabytes. */
const mostBytes = 20e9

/** Pieces that this thread is decoding or has opened. */
const pieces = new Map<string, Promise<FrameFile>>()

/**
 * Pixels of a frame of a video: of the one nearest to its time.
 *
 * Frames are decoded by pieces, which are kept on disk as they are (`VISUOMOTOR_FRAME_CACHE`, default
 * `~/.cache/visuomotor/frames`), 20 GB of those used last. A video that was changed is decoded anew.
 * @throws Error in words: no frame within 0.1 ms of the time, or a video that cannot be decoded.
 */
export async function pixelsOfFrame(video: string, frame: FramePlace): Promise<CameraPixels> {
  for (let attempt = 0; attempt < 3; attempt++) {
    const file = await pieceOf(video, frame)
    const index = nearest(file.times, frame.time)
    const found = file.times[index]
    if (found === undefined || Math.abs(found - frame.time) > toleranceSeconds)
      throw new Error(
        `it has no frame at ${frame.time.toFixed(4)} s; the nearest is at ${found?.toFixed(4) ?? 'no time'} s. Its times do ` +
          'not fit those of the data',
      )
    const pixels = await readFrame(file, index)
    if (pixels !== undefined) return pixels
    pieces.delete(keyOf(video, frame)) // it had to make room for others
  }
  throw new Error('its decoded frames are deleted as soon as they are written; make the cache larger')
}

/** Index of the time nearest to `time`, of equal ones the first. */
function nearest(times: Float64Array, time: number): number {
  let best = 0
  for (let i = 1; i < times.length; i++)
    if (Math.abs(times[i]! - time) < Math.abs(times[best]! - time)) best = i
  return best
}

async function pieceOf(video: string, frame: FramePlace): Promise<FrameFile> {
  const key = keyOf(video, frame)
  let piece = pieces.get(key)
  if (piece === undefined) {
    piece = openPiece(key, video, frame)
    pieces.set(key, piece)
    piece.catch(() => pieces.delete(key))
  }
  return piece
}

async function openPiece(key: string, video: string, { piece }: FramePlace): Promise<FrameFile> {
  const folder = frameFolder()
  const path = join(folder, `${key}.rgb`)
  const kept = await openFrames(path)
  if (kept !== undefined) return kept
  await writeFrames(path, framesOf(videoDecoder(), video, piece))
  await keepWithin(folder, frameBytes())
  const written = await openFrames(path)
  if (written === undefined)
    throw new Error('its decoded frames are deleted as soon as they are written; make the cache larger')
  return written
}

/** Key of a piece: of the video as it is now, and of the part. */
function keyOf(video: string, { piece }: FramePlace): string {
  const { size, mtimeMs } = statSync(video)
  const content = JSON.stringify([resolve(video), size, mtimeMs, piece])
  return createHash('sha256').update(content).digest('hex').slice(0, 32)
}

const frameFolder = (): string =>
  process.env.VISUOMOTOR_FRAME_CACHE ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'visuomotor/frames')

function frameBytes(): number {
  const gigabytes = Number(process.env.VISUOMOTOR_FRAME_CACHE_GB ?? Number.NaN)
  return gigabytes > 0 ? gigabytes * 1e9 : mostBytes
}
