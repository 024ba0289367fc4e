import type { Pixels } from './pixels.ts'

/** Memory of a cache that worker threads share; plain data to send to them. */
export interface CacheMemory {
  readonly resolution: number
  /** One byte for each slot: 1 when it is filled. */
  readonly filled: SharedArrayBuffer
  readonly pixels: SharedArrayBuffer
  /** Four integers for each slot: the frame of its image. */
  readonly frames: SharedArrayBuffer
}

/** Count of samples that fit in `bytes` when each is decoded to squares of these resolutions, at most `count`. */
export const cacheSlots = (
  resolutions: readonly number[],
  bytes: number,
  count = Number.POSITIVE_INFINITY,
): number =>
  Math.min(
    count,
    Math.floor(bytes / resolutions.reduce((sum, side) => sum + slotBytes(side) + frameBytes, 0)),
  )

/** Memory for decoded squares of `resolution` pixels. The system hands out its pages when they are written. */
export function cacheMemory(resolution: number, slots: number): CacheMemory {
  return {
    resolution,
    filled: new SharedArrayBuffer(slots),
    pixels: new SharedArrayBuffer(slots * slotBytes(resolution)),
    frames: new SharedArrayBuffer(slots * frameBytes),
  }
}

/**
 * Decoded images in shared memory, one in each slot; the main thread deals out slots. Two threads may fill one slot at
 * once: they write the same bytes.
 */
export class ImageCache {
  readonly slots: number
  readonly #resolution: number
  readonly #filled: Uint8Array
  readonly #pixels: Uint8Array
  readonly #frames: Int32Array

  constructor(memory: CacheMemory) {
    this.#resolution = memory.resolution
    this.#filled = new Uint8Array(memory.filled)
    this.#pixels = new Uint8Array(memory.pixels)
    this.#frames = new Int32Array(memory.frames)
    this.slots = this.#filled.length
  }

  has(slot: number): boolean {
    return slot < this.slots && Atomics.load(this.#filled, slot) === 1
  }

  get(slot: number): Pixels | undefined {
    return this.has(slot) ? this.#slot(slot) : undefined
  }

  /** Keep an image; a slot beyond the budget keeps nothing. */
  set(slot: number, pixels: Pixels): void {
    if (slot >= this.slots) return
    this.#slot(slot).data.set(pixels.data)
    const { width, height, frame = { left: 0, top: 0, width, height } } = pixels
    this.#frames.set([frame.left, frame.top, frame.width, frame.height], slot * 4)
    Atomics.store(this.#filled, slot, 1)
  }

  #slot(slot: number): Pixels {
    const bytes = slotBytes(this.#resolution)
    const data = this.#pixels.subarray(slot * bytes, (slot + 1) * bytes)
    const [left = 0, top = 0, width = 0, height = 0] = this.#frames.subarray(slot * 4, slot * 4 + 4)
    const frame = { left, top, width, height }
    return { width: this.#resolution, height: this.#resolution, data, frame }
  }
}

const frameBytes = 16

const slotBytes = (resolution: number): number => resolution * resolution * 4
