import { EngineError } from '../core/index.ts'
import type { Arena } from './arena.ts'
import type { Stretch } from './arena-memory.ts'
import type { ElementwiseLoop } from './elementwise-loop.ts'
import {
  addPartialSums,
  blockLength,
  blocksOf,
  computeBlocks,
  type LoopWork,
  partialSums,
} from './loop-blocks.ts'
import { computeOnThreads } from './loop-threads.ts'
import {
  bytesOfPage,
  instantiate,
  type LoopFunction,
  type LoopModule,
  type SharedMemory,
  sharedMemory,
} from './wasm-loop.ts'

/** Elements from which on other threads compute: fewer take less time than the message to them. */
const worthThreads = 2 ** 18

/**
 * A loop over a group of arenas: in place, by as many threads as are given, where their memory is one; else in a
 * memory of its own into which blocks are copied. The results are the same, bit for bit.
 * @returns The sums of the scalar results.
 */
export async function loopOverGroup(
  loop: ElementwiseLoop,
  arenas: Readonly<Record<string, Arena>>,
  group: number,
  numbers: Readonly<Record<string, number>>,
  threads: number,
): Promise<Readonly<Record<string, number>>> {
  const scalars = loop.scalars.map((name) => numbers[name]!)
  const totals = loop.sums.map(() => 0)
  const vectors = loop.vectors.map((name) => arenas[name]!.stretches(group))
  for (const parts of sideBySide(loop, vectors)) {
    const [{ memory, length }] = parts as [Stretch]
    const partial = partialSums(length, totals.length)
    const work: Work = { module: loop.module, scalars, length, partial, sums: totals.length }
    if (parts.every((part) => part.memory === memory)) await inPlace(work, parts, threads)
    else copyThrough(loop, work, parts)
    addPartialSums(totals, partial, length)
  }
  return Object.fromEntries(loop.sums.map((name, i) => [name, totals[i]!]))
}

type Work = Omit<LoopWork, 'blocks' | 'scratch' | 'memory' | 'addresses'>

/** The stretches that the vectors have side by side. @throws EngineError `engine/arenas` when they do not match. */
function sideBySide(loop: ElementwiseLoop, vectors: readonly (readonly Stretch[])[]): Stretch[][] {
  const [first] = vectors
  return first!.map(({ length }, i) => {
    const parts = vectors.map((stretches) => stretches[i])
    if (parts.every((part) => part?.length === length)) return parts as Stretch[]
    throw new EngineError(
      'engine/arenas',
      `${loop.vectors.join(', ')} are of different sizes: arenas that are computed with together need one layout`,
    )
  })
}

async function inPlace(work: Work, parts: readonly Stretch[], threads: number): Promise<void> {
  const { memory } = parts[0]!
  const blocks = blocksOf(work.length)
  const placed = { ...work, memory, addresses: parts.map(({ address }) => address) }
  if (work.length < worthThreads) {
    computeBlocks(instanceOf(work.module, memory), { ...placed, blocks: [0, blocks], scratch: 0 })
    return
  }
  const cut = (thread: number) => Math.round((thread * blocks) / threads)
  const shares = Array.from({ length: threads }, (_, thread): LoopWork => {
    const scratch = 16 * Math.max(work.sums, 4) * thread // a line of the cache or more
    return { ...placed, blocks: [cut(thread), cut(thread + 1)], scratch }
  })
  await computeOnThreads(shares)
}

function copyThrough({ vectors, written }: ElementwiseLoop, work: Work, parts: readonly Stretch[]): void {
  const pages = 1 + Math.ceil((4 * blockLength * parts.length) / bytesOfPage)
  const memory = sharedMemory(pages)
  memory.grow(pages - 1)
  const run = instantiate(work.module, memory)
  const places = parts.map((_, i) => bytesOfPage + 4 * blockLength * i)
  const copies = places.map((place) => new Float32Array(memory.buffer, place, blockLength))
  for (let block = 0; block < blocksOf(work.length); block++) {
    const start = block * blockLength
    const count = Math.min(blockLength, work.length - start)
    for (const [i, { data }] of parts.entries()) copies[i]!.set(data.subarray(start, start + count))
    const addresses = places.map((place) => place - 4 * start)
    computeBlocks(run, { ...work, memory, addresses, blocks: [block, block + 1], scratch: 0 })
    for (const name of written) {
      const i = vectors.indexOf(name)
      parts[i]!.data.set(copies[i]!.subarray(0, count), start)
    }
  }
}

const instances = new WeakMap<LoopModule, WeakMap<SharedMemory, LoopFunction>>()

function instanceOf(module: LoopModule, memory: SharedMemory): LoopFunction {
  const known = instances.get(module) ?? new WeakMap<SharedMemory, LoopFunction>()
  instances.set(module, known)
  const run = known.get(memory) ?? instantiate(module, memory)
  known.set(memory, run)
  return run
}
