import type { VideoDecoder } from './decoder.ts'

export const hasNodeAv = (): boolean => false

export const nodeAvDecoder: VideoDecoder = {
  name: 'node-av',
  async *frames() {},
}
