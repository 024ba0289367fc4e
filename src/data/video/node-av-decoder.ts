import { createRequire } from 'node:module'
import { optionalPackage } from '../../core/index.ts'
import type { VideoDecoder } from './decoder.ts'

/**
 * The part of the package `node-av` that is used: it is installed by who wants it, so its types are not here. Its demuxer of
 * a higher level needs a later Node.js than this package does.
 */
interface NodeAv {
  readonly AV_PIX_FMT_RGB24: number
  readonly AVMEDIA_TYPE_VIDEO: number
  readonly AVSEEK_FLAG_BACKWARD: number
  readonly FormatContext: new () => FormatContext
  readonly Packet: new () => Packet
  readonly Decoder: {
    create(stream: Stream, options: { rescale: { pixelFormat: number } }): Promise<Decoder>
  }
}

interface FormatContext {
  readonly streams: readonly Stream[]
  openInput(file: string): Promise<number>
  findStreamInfo(): Promise<number>
  seekFrame(stream: number, microseconds: bigint, flags: number): Promise<number>
  readFrame(packet: Packet): Promise<number>
  closeInput(): Promise<void>
}

interface Stream {
  readonly index: number
  readonly codecpar: { readonly codecType: number }
}

interface Packet {
  readonly streamIndex: number
  alloc(): void
  unref(): void
  free(): void
}

interface Decoder {
  decode(packet: Packet): Promise<void>
  receive(): Promise<Frame | null>
  flushFrames(): AsyncIterable<Frame | null>
  close(): void
}

interface Frame {
  readonly pts: bigint
  readonly timeBase: { readonly num: number; readonly den: number }
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
    const format = new av.FormatContext()
    requireDone('opened', await format.openInput(file))
    try {
      requireDone('read', await format.findStreamInfo())
      const stream = format.streams.find(({ codecpar }) => codecpar.codecType === av.AVMEDIA_TYPE_VIDEO)
      if (stream === undefined) throw new Error('it has no video')
      const micro = BigInt(Math.floor(start * 1e6))
      if (start > 0) requireDone('searched', await format.seekFrame(-1, micro, av.AVSEEK_FLAG_BACKWARD))
      for await (const frame of framesIn(av, format, stream)) {
        const { width, height, timeBase } = frame // the decoder gives frames a time base of its own
        const time = (Number(frame.pts) * timeBase.num) / timeBase.den
        if (time >= from) yield { time, width, height, data: new Uint8Array(frame.toBuffer()) }
        frame.free()
      }
    } finally {
      await format.closeInput()
    }
  },
}

async function* framesIn(av: NodeAv, format: FormatContext, stream: Stream): AsyncGenerator<Frame> {
  const decoder = await av.Decoder.create(stream, { rescale: { pixelFormat: av.AV_PIX_FMT_RGB24 } })
  const packet = new av.Packet()
  packet.alloc()
  try {
    while ((await format.readFrame(packet)) >= 0) {
      if (packet.streamIndex === stream.index) {
        await decoder.decode(packet)
        for (let frame = await decoder.receive(); frame; frame = await decoder.receive()) yield frame
      }
      packet.unref()
    }
    for await (const frame of decoder.flushFrames()) if (frame) yield frame
  } finally {
    packet.free()
    decoder.close()
  }
}

function requireDone(done: string, code: number): void {
  if (code < 0) throw new Error(`it cannot be ${done} by libav, which answers ${code}`)
}
