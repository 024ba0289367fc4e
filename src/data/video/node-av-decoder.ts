import { createRequire } from 'node:module'
import { optionalPackage } from '../../core/index.ts'
import type { VideoDecoder } from './decoder.ts'

/** The part of the package `node-av` that is used: it is installed by who wants it, so its types are not here. */
interface NodeAv {
  readonly AV_PIX_FMT_RGB24: number
  readonly AVSEEK_FLAG_BACKWARD: number
  readonly Demuxer: { open(file: string): Promise<Demuxer> }
  readonly Decoder: {
    create(stream: Stream, options: { rescale: { pixelFormat: number } }): Promise<Decoder>
  }
}

interface Demuxer {
  video(): Stream | undefined
  seek(seconds: number, stream: number, flags: number): Promise<number>
  packets(stream: number): AsyncIterable<unknown>
  close(): Promise<void>
}

interface Stream {
  readonly index: number
  readonly timeBase: { readonly num: number; readonly den: number }
}

interface Decoder {
  frames(packets: AsyncIterable<unknown>): AsyncIterable<Frame | null>
  close(): void
}

interface Frame {
  readonly pts: bigint
  readonly width: number
  readonly height: number
  toBuffer(): Buffer
  free(): void
}

const name = 'node-av'

/** Test for the package. */
export function hasNodeAv(): boolean {
  try {
    createRequire(import.meta.url).resolve(name)
    return true
  } catch {
    return false
  }
}

/** Decoder by the npm package `node-av`: libav in this process. Its binary is under the GPL. */
export const nodeAvDecoder: VideoDecoder = {
  name,
  async *decode(file, { start, from }) {
    const av = await optionalPackage(name, 'decoding videos', () => import(name) as Promise<NodeAv>)
    const demuxer = await av.Demuxer.open(file)
    try {
      const stream = demuxer.video()
      if (stream === undefined) throw new Error('it has no video')
      const decoder = await av.Decoder.create(stream, { rescale: { pixelFormat: av.AV_PIX_FMT_RGB24 } })
      try {
        if (start > 0) await demuxer.seek(start, -1, av.AVSEEK_FLAG_BACKWARD)
        const { num, den } = stream.timeBase
        for await (const frame of decoder.frames(demuxer.packets(stream.index))) {
          if (frame === null) continue
          const { width, height } = frame
          const time = (Number(frame.pts) * num) / den
          if (time >= from) yield { time, width, height, data: new Uint8Array(frame.toBuffer()) }
          frame.free()
        }
      } finally {
        decoder.close()
      }
    } finally {
      await demuxer.close()
    }
  },
}
