import { random } from '../../core/index.ts'

/** Gaussian numbers, drawn once: a picture takes tens of thousands, in an order of its own. */
const gaussian = (() => {
  const stream = random(0, 'world', 'sensor noise')
  return Float32Array.from({ length: 1 << 14 }, () => stream.normal())
})()

const last = gaussian.length - 1

/**
 * Gaussian numbers of mean 0 and deviation 1 from a table of 16384, visited in an order that depends on the seed
 * (xorshift32, Marsaglia 2003).
 */
export function sensorNoise(seed: number): () => number {
  let state = 1 + random(seed, 'world', 'sensor noise order').integer(0x7ffffffe)
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return gaussian[(state >>> 8) & last]!
  }
}
