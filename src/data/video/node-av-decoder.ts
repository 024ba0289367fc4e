import type { DecodedFrame, VideoDecoder } from './decoder.ts'
import {
  type CodecContext,
  type FilePacket,
  type Frame,
  loadNodeAv,
  type NodeAv,
  type NodeAvConstants,
  type PacketSink,
  type VideoTrack,
} from './node-av.ts'

/** Ticks of a second in which packets tell their times. */
const ticks = 1_000_000

/** Decoder by the packages `mediabunny`, which reads the file, and `node-av`, FFmpeg's decoders in this process. */
export const nodeAvDecoder = (): VideoDecoder => ({ name: 'node-av', decode: decoded })

async function* decoded(
  file: string,
  { start, from }: { readonly start: number; readonly from: number },
): AsyncGenerator<DecodedFrame> {
  const { av, constants, files } = await loadNodeAv()
  const input = new files.Input({ source: new files.FilePathSource(file), formats: files.ALL_FORMATS })
  let decoding: Decoding | undefined
  try {
    const track = await input.getPrimaryVideoTrack()
    if (track === null) throw new Error('it has no video')
    const sink = new files.EncodedPacketSink(track)
    const first = (await sink.getKeyPacket(start)) ?? (await sink.getFirstPacket())
    if (first === null) return
    decoding = await Decoding.open(track, av, constants)
    for await (const frame of decoding.frames(sink, first)) if (frame.time >= from) yield frame
  } finally {
    decoding?.close()
    input.dispose()
  }
}

/** A decoder with its frames in memory. */
class Decoding {
  readonly #av: NodeAv
  readonly #context: CodecContext
  readonly #scale: InstanceType<NodeAv['SoftwareScaleContext']>
  readonly #frame: Frame
  readonly #rgb: number
  /** Times of packets by their ticks, as exact as the file has them. */
  readonly #times = new Map<bigint, number>()

  private constructor(av: NodeAv, context: CodecContext, rgb: number) {
    this.#av = av
    this.#context = context
    this.#rgb = rgb
    this.#frame = new av.Frame()
    this.#frame.alloc()
    this.#scale = new av.SoftwareScaleContext()
    this.#scale.allocContext()
  }

  static async open(track: VideoTrack, av: NodeAv, constants: NodeAvConstants): Promise<Decoding> {
    const codec = decoderOf(track.codec, av, constants)
    if (codec === null) throw new Error(`no decoder for its codec '${track.codec ?? 'unknown'}'`)
    const context = new av.CodecContext()
    context.allocContext3(codec)
    const { description } = (await track.getDecoderConfig()) ?? {}
    if (description !== undefined) context.extraData = bufferOf(description)
    context.pktTimebase = new av.Rational(1, ticks)
    av.FFmpegError.throwIfError(await context.open2(codec), 'the decoder cannot be opened')
    return new Decoding(av, context, constants.AV_PIX_FMT_RGB24)
  }

  /** Frames from a packet on, in the order of their times. */
  async *frames(sink: PacketSink, first: FilePacket): AsyncGenerator<DecodedFrame> {
    for await (const packet of sink.packets(first)) {
      await this.#send(packet)
      yield* this.#ready()
    }
    await this.#context.sendPacket(null)
    yield* this.#ready()
  }

  async #send({ data, timestamp, type }: FilePacket): Promise<void> {
    const packet = new this.#av.Packet()
    packet.alloc()
    try {
      packet.data = Buffer.from(data)
      packet.pts = BigInt(Math.round(timestamp * ticks))
      packet.isKeyframe = type === 'key'
      this.#times.set(packet.pts, timestamp)
      const code = await this.#context.sendPacket(packet)
      this.#av.FFmpegError.throwIfError(code, `the packet at ${timestamp.toFixed(4)} s cannot be decoded`)
    } finally {
      packet.free()
    }
  }

  async *#ready(): AsyncGenerator<DecodedFrame> {
    while ((await this.#context.receiveFrame(this.#frame)) >= 0) {
      const { pts, width, height } = this.#frame
      const time = this.#times.get(pts) ?? Number(pts) / ticks
      this.#times.delete(pts)
      yield { time, width, height, data: await this.#pixels() }
      this.#frame.unref()
    }
  }

  /** Rows of RGB of the present frame. */
  async #pixels(): Promise<Uint8Array> {
    const { width, height } = this.#frame
    const to = new this.#av.Frame()
    to.alloc()
    try {
      Object.assign(to, { width, height, format: this.#rgb })
      this.#av.FFmpegError.throwIfError(to.allocBuffer(), 'there is no memory for a frame')
      this.#av.FFmpegError.throwIfError(
        await this.#scale.scaleFrame(to, this.#frame),
        'a frame cannot become RGB',
      )
      const [rows] = to.data!
      const [stride] = to.linesize as [number]
      const data = new Uint8Array(3 * width * height)
      for (let y = 0; y < height; y++)
        data.set(rows!.subarray(y * stride, y * stride + 3 * width), 3 * y * width)
      return data
    } finally {
      to.free()
    }
  }

  close(): void {
    this.#frame.free()
    this.#scale.freeContext()
    this.#context.freeContext()
  }
}

/** The decoder of a codec; of AV1 that of dav1d, since FFmpeg's own needs a graphics card. */
function decoderOf(codec: string | null, av: NodeAv, constants: NodeAvConstants): object | null {
  if (codec === 'avc') return av.Codec.findDecoder(constants.AV_CODEC_ID_H264)
  if (codec === 'hevc') return av.Codec.findDecoder(constants.AV_CODEC_ID_HEVC)
  return codec === 'av1' ? av.Codec.findDecoderByName('libdav1d') : null
}

const bufferOf = (bytes: ArrayBuffer | ArrayBufferView): Buffer =>
  ArrayBuffer.isView(bytes)
    ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : Buffer.from(bytes)
