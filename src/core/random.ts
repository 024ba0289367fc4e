import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/**
 * A named, seeded stream of random numbers (xoroshiro128+, by pure-rand).
 *
 * A stream is a function of its seed and its path only, so any number can be drawn again without replaying
 * what came before: `random(seed, 'augment', epoch, sampleId)`. Randomness is data; nothing in this project
 * draws from a global generator.
 */
export class Random {
  readonly #generator: ReturnType<typeof xoroshiro128plus>

  constructor(seed: number | Random) {
    this.#generator = seed instanceof Random ? seed.#generator.clone() : xoroshiro128plus(seed)
  }

  /** A stream that draws from here on the same numbers as this one. */
  clone(): Random {
    return new Random(this)
  }

  /** Uniform in [low, high). */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * uniformFloat64(this.#generator)
  }

  /** Uniform integer in [0, count). */
  integer(count: number): number {
    return uniformInt(this.#generator, 0, count - 1)
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.uniform() < probability
  }

  /** Gaussian by Box–Muller. */
  normal(mean = 0, deviation = 1): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()))
    return mean + deviation * radius * Math.cos(2 * Math.PI * this.uniform())
  }

  /** Beta of two positive shapes: in [0, 1], with mean a / (a + b). Both shapes may be far below 1. */
  beta(a: number, b: number): number {
    const [x, y] = [this.#logGamma(a), this.#logGamma(b)]
    return 1 / (1 + Math.exp(y - x))
  }

  /**
   * Logarithm of a sample of the Gamma distribution of a shape (Marsaglia and Tsang 2000); the sample itself would
   * underflow for a small shape. Below 1, x = y · u^(1/shape) with y of the next larger shape.
   */
  #logGamma(shape: number): number {
    if (shape < 1) return this.#logGamma(shape + 1) + Math.log(1 - this.uniform()) / shape
    const d = shape - 1 / 3
    for (;;) {
      const x = this.normal()
      const v = (1 + x / Math.sqrt(9 * d)) ** 3
      if (v > 0 && Math.log(1 - this.uniform()) < x ** 2 / 2 + d - d * v + d * Math.log(v))
        return Math.log(d * v)
    }
  }

  /** One element. */
  pick<T>(items: readonly T[]): T {
    return items[this.integer(items.length)]!
  }

  /** A shuffled copy (Fisher–Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const result = items.slice()
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.integer(i + 1)
      const kept = result[i]!
      result[i] = result[j]!
      result[j] = kept
    }
    return result
  }
}

/** The stream of `seed` named by `path`. Same arguments, same numbers, on every machine. */
export function random(seed: number, ...path: readonly (string | number)[]): Random {
  return new Random(hashPath(seed, path))
}

/** 32-bit FNV-1a over the path, finished with murmur3's avalanche. */
function hashPath(seed: number, path: readonly (string | number)[]): number {
  let hash = 0x811c9dc5
  const text = `${seed}\u0000${path.join('\u0000')}`
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) | 0
}
