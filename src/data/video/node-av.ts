import { createRequire } from 'node:module'

/** The part of `node-av/lib`, FFmpeg's libraries as objects, that decodes. Its types are not needed to build this package. */
export interface NodeAv {
  readonly Codec: {
    findDecoder(id: number): object | null
    findDecoderByName(name: string): object | null
  }
  readonly CodecContext: new () => CodecContext
  readonly Packet: new () => Packet
  readonly Frame: new () => Frame
  readonly Rational: new (numerator: number, denominator: number) => object
  readonly SoftwareScaleContext: new () => ScaleContext
  readonly FFmpegError: { throwIfError(code: number, action: string): void }
}

export interface CodecContext {
  extraData: Buffer | null
  pktTimebase: object
  allocContext3(codec: object): void
  open2(codec: object): Promise<number>
  /** @param packet Null: no more follow. */
  sendPacket(packet: Packet | null): Promise<number>
  /** @returns A negative number where none is ready. */
  receiveFrame(frame: Frame): Promise<number>
  freeContext(): void
}

export interface Packet {
  data: Buffer | null
  pts: bigint
  isKeyframe: boolean
  alloc(): void
  free(): void
}

export interface Frame {
  width: number
  height: number
  format: number
  readonly pts: bigint
  readonly linesize: readonly number[]
  readonly data: readonly Buffer[] | null
  alloc(): void
  allocBuffer(): number
  unref(): void
  free(): void
}

export interface ScaleContext {
  allocContext(): void
  scaleFrame(to: Frame, from: Frame): Promise<number>
  freeContext(): void
}

/** Numbers of `node-av/constants`. */
export interface NodeAvConstants {
  readonly AV_CODEC_ID_H264: number
  readonly AV_CODEC_ID_HEVC: number
  readonly AV_PIX_FMT_RGB24: number
}

/** The part of `mediabunny` that reads files. */
export interface Mediabunny {
  readonly ALL_FORMATS: object
  readonly FilePathSource: new (file: string) => object
  readonly Input: new (
    options: object,
  ) => {
    getPrimaryVideoTrack(): Promise<VideoTrack | null>
    dispose(): void
  }
  readonly EncodedPacketSink: new (track: VideoTrack) => PacketSink
}

export interface VideoTrack {
  readonly codec: string | null
  getDecoderConfig(): Promise<{ readonly description?: ArrayBuffer | ArrayBufferView } | null>
}

/** A packet as a file holds it. */
export interface FilePacket {
  readonly data: Uint8Array
  /** Presentation time, in seconds. */
  readonly timestamp: number
  readonly type: 'key' | 'delta'
}

export interface PacketSink {
  /** The last key frame at or before a time. */
  getKeyPacket(time: number): Promise<FilePacket | null>
  getFirstPacket(): Promise<FilePacket | null>
  /** Packets from one on, in the order in which they are decoded. */
  packets(from: FilePacket): AsyncIterable<FilePacket>
}

/** Packages that decode videos where there is no program `ffmpeg`: the second is FFmpeg under the GPL. */
export const videoPackages = ['mediabunny', 'node-av'] as const

/** Tell if the packages that decode videos are installed. */
export function hasNodeAv(): boolean {
  const { resolve } = createRequire(import.meta.url)
  try {
    for (const name of videoPackages) resolve(name)
    return true
  } catch {
    return false
  }
}

/** The modules of both packages. The names are variables, since neither needs to be there when this package is built. */
export async function loadNodeAv(): Promise<{ av: NodeAv; constants: NodeAvConstants; files: Mediabunny }> {
  const [lib, numbers, mediabunny] = ['node-av/lib', 'node-av/constants', 'mediabunny']
  return {
    av: (await import(lib)) as NodeAv,
    constants: (await import(numbers)) as NodeAvConstants,
    files: (await import(mediabunny)) as Mediabunny,
  }
}
