import type { LoopFunction, LoopModule, SharedMemory } from './wasm-loop.ts'

/**
 * Elements of a block. Sums are taken by block, in float32, and added in the order of the blocks, in float64: whoever
 * computes which block, the sum is the same.
 */
export const blockLength = 8192

/** A loop over arrays that lie in one memory, or a thread's share of it. */
export interface LoopWork {
  readonly module: LoopModule
  readonly memory: SharedMemory
  /** Address of each array, in bytes. */
  readonly addresses: readonly number[]
  readonly scalars: readonly number[]
  /** Elements of each array. */
  readonly length: number
  /** The first block, and the one after the last. */
  readonly blocks: readonly [number, number]
  /** Address to which the loop writes its sums, in bytes; a place of the thread's own. */
  readonly scratch: number
  /** Four partial sums for each result of each block; those of elements beyond the last multiple of four follow. */
  readonly partial: Float32Array
  readonly sums: number
}

export const blocksOf = (length: number): number => Math.ceil(length / blockLength)

/** Room for the partial sums of `length` elements. */
export const partialSums = (length: number, sums: number): Float32Array =>
  new Float32Array(new SharedArrayBuffer(16 * sums * (blocksOf(length) + 1)))

/** Compute the blocks of some work. */
export function computeBlocks(run: LoopFunction, work: LoopWork): void {
  const { memory, addresses, scalars, length, blocks, scratch, partial, sums } = work
  const found = new Float32Array(memory.buffer, scratch, 4 * sums)
  const go = (from: number, to: number, place: number) => {
    run(4 * from, 4 * to, scratch, ...addresses, ...scalars)
    if (sums > 0) partial.set(found, 4 * sums * place)
  }
  for (let block = blocks[0]; block < blocks[1]; block++) {
    const start = block * blockLength
    const count = Math.min(blockLength, length - start)
    const whole = count - (count % 4)
    if (whole > 0) go(start, start + whole, block)
    // Arrays are padded; what the other lanes hold, nobody asked for.
    if (whole < count) go(start + whole, start + count, blocksOf(length))
  }
}

/** Add the partial sums in order to the totals of each result. */
export function addPartialSums(totals: number[], partial: Float32Array, length: number): void {
  const sums = totals.length
  const add = (place: number, lanes: number) => {
    for (let i = 0; i < sums; i++) {
      for (let lane = 0; lane < lanes; lane++) totals[i]! += partial[4 * (sums * place + i) + lane]!
    }
  }
  const blocks = blocksOf(length)
  for (let block = 0; block < blocks; block++) if (length - block * blockLength >= 4) add(block, 4)
  if (length % 4 > 0) add(blocks, length % 4)
}
