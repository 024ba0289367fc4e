import type { default as Sharp } from 'sharp'

let loading: Promise<typeof Sharp> | undefined

/**
 * libvips, loaded with the first image that needs it: a robot's frames at the size of its model do not. Set to one thread, since
 * the worker threads are the parallelism; more threads would take the cores from training.
 */
export function libvips(): Promise<typeof Sharp> {
  loading ??= import('sharp').then(({ default: sharp }) => {
    sharp.concurrency(1)
    sharp.cache(false)
    return sharp
  })
  return loading
}
