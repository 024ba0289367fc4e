import { random } from '../../core/index.ts'

/** Gaussian numbers, drawn once: an image takes tens of thousands, in an order of its own. */
const gaussian = (() => {
  const stream = random(0, 'world', 'sensor noise')
  return Float32Array.from({ length: 1 << 14 }, () => stream.normal())
})()

const last = gaussian.length - 1

/**
 * Gaussian numbers of mean 0 and the given deviation, from a table of 16384 visited in an order that depends on the
 * seed (xorshift32, Marsaglia 2003).
 */
export function sensorNoise(seed: number, count: number, deviation: number): Float32Array {
  const out = new Float32Array(count)
  let state = 1 + random(seed, 'world', 'order of sensor noise').integer(0x7ffffffe)
  for (let i = 0; i < count; i++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    out[i] = deviation * gaussian[(state >>> 8) & last]!
  }
  return out
}
