import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasFfmpeg } from '../../../test/support/has-ffmpeg.ts'
import { framesOf, type VideoDecoder, videoDecoder } from './decoder.ts'
import { keepWithin } from './frame-files.ts'
import { pixelsOfFrame } from './index.ts'
import { hasNodeAv } from './node-av.ts'
import { nodeAvDecoder } from './node-av-decoder.ts'

const golden = join(import.meta.dirname, '../../../test/golden/lerobot')
const folder = mkdtempSync(join(tmpdir(), 'frames-'))
const [width, height, fps] = [64, 48, 10]

beforeAll(() => {
  process.env.VISUOMOTOR_FRAME_CACHE = folder
})
afterAll(() => {
  delete process.env.VISUOMOTOR_FRAME_CACHE
  rmSync(folder, { recursive: true })
})

/** Frames as PyAV decodes them, one below the other. */
const told = (codec: string): Promise<Buffer> =>
  sharp(join(golden, `${codec}.png`))
    .removeAlpha()
    .raw()
    .toBuffer()

function difference(frame: Uint8Array, strip: Uint8Array, index: number): number {
  const own = strip.subarray(index * frame.length, (index + 1) * frame.length)
  return frame.reduce((most, value, i) => Math.max(most, Math.abs(value - own[i]!)), 0)
}

// With open groups of six, frames 3 to 5 and 9 to 11 stand behind the key frame that is shown after them.
const cases = [
  ['h264', [0, 5, 10]],
  ['hevc', [0, 4, 5, 6, 10]],
] as const

async function requireSameAsPyAV(decoder: VideoDecoder, codec: string, firsts: readonly number[]) {
  const strip = await told(codec)
  for (const first of firsts) {
    const range = { from: first / fps, to: (first + 2) / fps, fps }
    const found = []
    for await (const frame of framesOf(decoder, join(golden, `${codec}.mp4`), range)) found.push(frame)
    expect(found.map(({ time }) => Math.round(time * fps * 1e6) / 1e6)).toEqual([first, first + 1, first + 2])
    for (const [i, { data }] of found.entries())
      expect(difference(data, strip, first + i)).toBeLessThanOrEqual(3)
  }
}

describe.skipIf(!hasNodeAv())('frames of a video by node-av', () => {
  it.each(cases)('of %s are those of PyAV, whatever the first one is', (codec, firsts) =>
    requireSameAsPyAV(nodeAvDecoder(), codec, firsts),
  )

  it('of what is no video are an error in words', async () => {
    const range = { from: 0, to: 1, fps }
    await expect(framesOf(nodeAvDecoder(), join(golden, 'h264.png'), range).next()).rejects.toThrow()
  })
})

describe.skipIf(!hasFfmpeg)('frames of a video', () => {
  it.each(cases)('of %s are those of PyAV, whatever the first one is', (codec, firsts) =>
    requireSameAsPyAV(videoDecoder(), codec, firsts),
  )

  const file = join(golden, 'h264.mp4')
  const piece = { from: 0, to: 1.2, fps }

  it('are kept on disk, and decoded again where the file is damaged or gone', async () => {
    const strip = await told('h264')
    const frame = await pixelsOfFrame(file, { time: 0.7, piece })
    expect(frame).toMatchObject({ width, height })
    expect(difference(frame.data, strip, 7)).toBeLessThanOrEqual(3)
    const [name] = readdirSync(folder)
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/\.rgb$/)])
    truncateSync(join(folder, name!), 1000)
    expect(await pixelsOfFrame(file, { time: 0.7, piece })).toEqual(frame)
    rmSync(join(folder, name!))
    expect(await pixelsOfFrame(file, { time: 0.7, piece })).toEqual(frame)
  })

  it('are found by time, within a tenth of a millisecond', async () => {
    await pixelsOfFrame(file, { time: 0.70005, piece })
    await expect(pixelsOfFrame(file, { time: 0.75, piece })).rejects.toThrow(/no frame at 0\.7500 s/)
    await expect(pixelsOfFrame(join(golden, 'h264.png'), { time: 9, piece })).rejects.toThrow()
  })

  it('make room for others', async () => {
    await pixelsOfFrame(file, { time: 0.7, piece })
    await keepWithin(folder, 0)
    expect(readdirSync(folder)).toEqual([])
  })
})
