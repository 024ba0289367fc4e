import { type FileHandle, mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CameraPixels } from '../images/index.ts'
import type { DecodedFrame } from './decoder.ts'

/** A file of decoded frames: rows of RGB of each, then their times, then sizes and count. */
export interface FrameFile {
  readonly path: string
  readonly times: Float64Array
  readonly width: number
  readonly height: number
}

const mark = 0x564d4652
const endBytes = 16
/** Milliseconds without a write after which a file that is being written counts as left. */
const leftAfter = 30_000

/** Open a file of frames; undefined where it is missing or cut short. Marks it as used. */
export async function openFrames(path: string): Promise<FrameFile | undefined> {
  let handle: FileHandle
  try {
    handle = await open(path)
  } catch {
    return undefined
  }
  try {
    const { size } = await handle.stat()
    const end = new DataView((await bytesAt(handle, size - endBytes, endBytes)).buffer)
    const [width, height, count] = [end.getUint32(0), end.getUint32(4), end.getUint32(8)]
    if (end.getUint32(12) !== mark || size !== count * (width * height * 3 + 8) + endBytes) return undefined
    const times = await bytesAt(handle, size - endBytes - count * 8, count * 8)
    await utimes(path, new Date(), new Date()).catch(() => {}) // of another user, perhaps
    return { path, width, height, times: new Float64Array(times.buffer) }
  } catch {
    return undefined
  } finally {
    await handle.close()
  }
}

/** Pixels of a frame; undefined where the file is gone. */
export async function readFrame(
  { path, width, height }: FrameFile,
  index: number,
): Promise<CameraPixels | undefined> {
  const bytes = width * height * 3
  try {
    const handle = await open(path)
    try {
      return { width, height, data: await bytesAt(handle, index * bytes, bytes) }
    } finally {
      await handle.close()
    }
  } catch {
    return undefined
  }
}

async function bytesAt(
  handle: FileHandle,
  position: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length)
  const { bytesRead } = await handle.read(bytes, 0, length, Math.max(0, position))
  if (bytesRead < length) throw new Error('the file is cut short')
  return bytes
}

/**
 * Write frames to a file, which appears when it is whole. Where another thread or process is writing it, wait for that
 * one.
 * @throws Error of the frames, or when the folder cannot be written.
 */
export async function writeFrames(path: string, frames: AsyncIterable<DecodedFrame>): Promise<void> {
  const partly = `${path}.part`
  await mkdir(join(path, '..'), { recursive: true })
  const handle = await claim(partly, path)
  if (handle === undefined) return
  try {
    const times: number[] = []
    let size = [0, 0]
    for await (const { time, width, height, data } of frames) {
      if (times.length > 0 && (width !== size[0] || height !== size[1]))
        throw new Error(`its frames change their size from ${size.join('×')} to ${width}×${height}`)
      size = [width, height]
      times.push(time)
      await handle.write(data)
    }
    await handle.write(new Uint8Array(Float64Array.from(times).buffer))
    const end = new DataView(new ArrayBuffer(endBytes))
    for (const [at, value] of [...size, times.length, mark].entries()) end.setUint32(at * 4, value)
    await handle.write(new Uint8Array(end.buffer))
    await handle.close()
    await rename(partly, path)
  } catch (error) {
    await handle.close().catch(() => {})
    await rm(partly, { force: true })
    throw error
  }
}

/** Create the file to write to; undefined once another writer has finished. */
async function claim(partly: string, path: string): Promise<FileHandle | undefined> {
  for (;;) {
    try {
      return await open(partly, 'wx')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    while (!(await isLeft(partly))) await sleep(20)
    if ((await openFrames(path)) !== undefined) return undefined
    await rm(partly, { force: true }) // its writer has died
  }
}

/** Test for a file that is gone or was not written to for long. */
async function isLeft(partly: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(partly)).mtimeMs > leftAfter
  } catch {
    return true
  }
}

/** Delete the files of a folder that were used longest ago, until all together have no more than `bytes`. */
export async function keepWithin(folder: string, bytes: number): Promise<void> {
  const names = await readdir(folder)
  const found = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name)
      const { size, mtimeMs } = await stat(path).catch(() => ({ size: 0, mtimeMs: 0 }))
      return { path, size, mtimeMs }
    }),
  )
  let total = found.reduce((sum, { size }) => sum + size, 0)
  for (const { path, size } of found.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
    if (total <= bytes) return
    await rm(path, { force: true })
    total -= size
  }
}
