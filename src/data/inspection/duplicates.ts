import { createHash } from 'node:crypto'
import type { PerceptualHash } from '../images/index.ts'

/** Samples whose images are the same. */
export interface Duplicates {
  /** Images that occur more than once. */
  readonly groups: number
  /** Count of samples to remove so that one of each group stays. */
  readonly surplus: number
  /** Ids of some groups, the first of each group first. */
  readonly examples: readonly (readonly string[])[]
}

/** Groups shown, and ids of each. */
const shown = 10

/** Bits in which near duplicates may differ, of 64, and levels of their mean colour, of 255. */
const tolerance = { bits: 4, color: 12 }

/** One image and its duplicates. */
interface Group {
  readonly ids: string[]
  size: number
}

/** Images with the same bytes. Keeps a digest and an id of each image. */
export class ExactDuplicates {
  readonly #groups = new Map<string, Group>()

  /** @returns true when these bytes have come before. */
  add(id: string, bytes: Uint8Array): boolean {
    const digest = createHash('sha256').update(bytes).digest('base64')
    const group = this.#groups.get(digest)
    if (group === undefined) this.#groups.set(digest, { ids: [id], size: 1 })
    else join(group, id)
    return group !== undefined
  }

  report = (): Duplicates => reportOf([...this.#groups.values()])
}

/**
 * Images that look alike: each joins an earlier image whose hash differs in at most 4 of 64 bits and whose mean
 * colour by at most 12 levels. Hashes that close agree in one of five bands of bits, so only those that share a band
 * are compared.
 */
export class NearDuplicates {
  readonly #groups: (Group & PerceptualHash)[] = []
  readonly #bands = new Map<number, (Group & PerceptualHash)[]>()

  add(id: string, hash: PerceptualHash): void {
    const keys = bandKeys(hash)
    const candidates = keys.flatMap((key) => this.#bands.get(key) ?? [])
    const near = candidates.find((group) => isNear(group, hash))
    if (near) join(near, id)
    else this.#begin({ ids: [id], size: 1, ...hash }, keys)
  }

  #begin(group: Group & PerceptualHash, keys: readonly number[]): void {
    this.#groups.push(group)
    for (const key of keys) {
      const band = this.#bands.get(key)
      if (band) band.push(group)
      else this.#bands.set(key, [group])
    }
  }

  report = (): Duplicates => reportOf(this.#groups)
}

function join(group: Group, id: string): void {
  group.size++
  if (group.ids.length < shown) group.ids.push(id)
}

function reportOf(all: readonly Group[]): Duplicates {
  const groups = all.filter(({ size }) => size > 1)
  return {
    groups: groups.length,
    surplus: groups.reduce((sum, { size }) => sum + size - 1, 0),
    examples: groups.slice(0, shown).map(({ ids }) => ids),
  }
}

/** The bits of each band, with the band's number. */
function bandKeys({ bits: [high, low] }: PerceptualHash): number[] {
  const all = (BigInt(high) << 32n) | BigInt(low)
  const bands = tolerance.bits + 1
  const width = Math.ceil(64 / bands)
  return Array.from({ length: bands }, (_, band) => {
    const bits = Number((all >> BigInt(band * width)) & ((1n << BigInt(width)) - 1n))
    return bits * bands + band
  })
}

function isNear(a: PerceptualHash, b: PerceptualHash): boolean {
  const differing = bitCount(a.bits[0] ^ b.bits[0]) + bitCount(a.bits[1] ^ b.bits[1])
  return (
    differing <= tolerance.bits &&
    a.color.every((level, c) => Math.abs(level - b.color[c]!) <= tolerance.color)
  )
}

/** Bits that are set in 32. */
function bitCount(bits: number): number {
  let count = 0
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++
  return count
}
