import { checkOptions, type Range, ranges, wholeFrom } from '../../core/index.ts'
import type { PoolOptions } from './model/model-pool.ts'

/** Bounds of what a server takes and holds. */
export interface Limits extends PoolOptions {
  /** Largest request or message in bytes. */
  readonly requestBytes: number
  /** Largest width and height of an image in pixels. */
  readonly imageSide: number
  /** Largest number of images, texts or labels in a request. */
  readonly items: number
  /** Largest number of open connections. */
  readonly connections: number
  /** Longest time in milliseconds until a request has arrived whole; its head has a third of it. */
  readonly arrival: number
  /** Longest time in milliseconds that a stopping server works on what it took. */
  readonly grace: number
}

export const defaultLimits: Limits = {
  instances: 1,
  batch: 32,
  batchDelay: 0,
  queue: 256,
  deadline: 10_000,
  requestBytes: 32 * 2 ** 20,
  imageSide: 4096,
  items: 256,
  connections: 512,
  arrival: 30_000,
  grace: 30_000,
}

const limitRanges: Readonly<Record<keyof Limits, Range>> = {
  instances: wholeFrom(1, 64),
  batch: wholeFrom(1, 1024),
  batchDelay: ranges.atLeastZero,
  queue: wholeFrom(1, 1e6),
  deadline: wholeFrom(1, 3_600_000),
  requestBytes: wholeFrom(1024, 2 ** 30),
  imageSide: wholeFrom(1, 20_000),
  items: wholeFrom(1, 1e6),
  connections: wholeFrom(1, 1e6),
  arrival: wholeFrom(10, 3_600_000),
  grace: wholeFrom(0, 3_600_000),
}

/** The limits, with defaults where none is given. @throws ConfigError `serve/option` for one that is out of its range. */
export function limitsOf(given: Partial<Limits> = {}): Limits {
  checkOptions('serve', given, limitRanges, { range: 'serve/option', unknown: 'serve/option' })
  return { ...defaultLimits, ...given }
}
