import type { ArenaLayout } from './arena-layout.ts'
import { bytesOfPage, mostPages, type SharedMemory, sharedMemory } from './wasm-loop.ts'

/** A part of a group's vector that lies in one memory. */
export interface Stretch {
  readonly memory: SharedMemory
  /** Bytes from the beginning of the memory. */
  readonly address: number
  /** Index of its first element in the group's vector. */
  readonly offset: number
  readonly length: number
  readonly data: Float32Array
}

/** Vectors begin at lines of the cache, so that no two threads write to one. */
const bytesOfLine = 64
const padded = (bytes: number): number => Math.ceil(bytes / bytesOfLine) * bytesOfLine

/** The first page of each memory is scratch space of loops. */
const reserved = bytesOfPage

/** Arenas that fit into one memory together: values, gradients, two moments, an average, and one more. */
const arenasTogether = 6
const mostBytes = Math.floor((mostPages * bytesOfPage - reserved) / arenasTogether)

/** Elements of one group that lie together in every arena. */
interface Piece {
  readonly group: number
  readonly offset: number
  readonly length: number
  /** Bytes from the beginning of the arena's part of the memory. */
  readonly place: number
}

/** Part of a layout that every arena of it has in one memory. */
interface Range {
  readonly pieces: readonly Piece[]
  readonly bytes: number
  /** Memories, filled with arenas one after the other. */
  readonly memories: SharedMemory[]
}

/**
 * Memory for the arenas of one layout. What belongs to a parameter lies in the same memory in all of them, so that one
 * loop reaches it. A memory ends at 4 GiB: a larger layout is cut into ranges between parameters, each with a memory.
 */
export class ArenaMemory {
  readonly #ranges: readonly Range[]
  #arenas = 0

  /** @param most Bytes that an arena may have in one memory. */
  constructor(layout: ArenaLayout, most: number = mostBytes) {
    this.#ranges = rangesOf(layout, most)
  }

  /** Number of one more arena, by which it has its place in every memory. */
  claim(): number {
    return this.#arenas++
  }

  /** Room for a group in the arena of this number, filled with zeros: its stretches in order. */
  room(arena: number, group: number): Stretch[] {
    return this.#ranges.flatMap((range) => {
      const pieces = range.pieces.filter((piece) => piece.group === group && piece.length > 0)
      if (pieces.length === 0) return []
      const { memory, base } = roomFor(range, arena)
      return pieces.map(({ offset, length, place }) => {
        const address = base + place
        return { memory, address, offset, length, data: new Float32Array(memory.buffer, address, length) }
      })
    })
  }
}

const memories = new WeakMap<ArenaLayout, ArenaMemory>()

/** The memory that arenas of a layout share. It is freed with the last of them. */
export function memoryOf(layout: ArenaLayout): ArenaMemory {
  const known = memories.get(layout) ?? new ArenaMemory(layout)
  memories.set(layout, known)
  return known
}

/** Place of the part of the arena with this number in a range; its memory grows to hold it. */
function roomFor({ bytes, memories }: Range, arena: number): { memory: SharedMemory; base: number } {
  const most = Math.max(1, Math.floor((mostPages * bytesOfPage - reserved) / Math.max(bytes, 1)))
  const together = Math.min(most, 2 * arenasTogether)
  const number = Math.floor(arena / together)
  memories[number] ??= sharedMemory(Math.ceil((reserved + together * bytes) / bytesOfPage))
  const memory = memories[number]
  const base = reserved + (arena % together) * bytes
  const missing = Math.ceil((base + bytes - memory.buffer.byteLength) / bytesOfPage)
  if (missing > 0) memory.grow(missing)
  return { memory, base }
}

function rangesOf(layout: ArenaLayout, most: number): Range[] {
  const ranges: { pieces: Piece[]; bytes: number; memories: SharedMemory[] }[] = []
  const begin = () => {
    ranges.push({ pieces: [], bytes: 0, memories: [] })
  }
  begin()
  for (const [group, { entries, length, apart = false }] of layout.entries()) {
    const bytes = padded(4 * length)
    // A group stays in one piece where that is possible: rules for matrices read it whole.
    const isTooLong = bytes <= most && ranges.at(-1)!.bytes + bytes > most
    if (isTooLong || apart || layout[group - 1]?.apart) begin()
    let piece: { group: number; offset: number; length: number; place: number } | undefined
    for (const { offset, size } of entries) {
      const { bytes } = ranges.at(-1)!
      const grown = piece ? piece.place + padded(4 * (piece.length + size)) : bytes + padded(4 * size)
      if (grown > most && bytes > 0) {
        begin()
        piece = undefined
      }
      const range = ranges.at(-1)!
      if (!piece) {
        piece = { group, offset, length: 0, place: range.bytes }
        range.pieces.push(piece)
      }
      piece.length += size
      range.bytes = piece.place + padded(4 * piece.length)
    }
  }
  return ranges
}
