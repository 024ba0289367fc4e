import type { HostArray } from '../../src/core/index.ts'
import { alone, type Communicator } from '../../src/training/index.ts'

type Rows = HostArray['data'] | Float64Array

/** What all members said when they met for the same time, once the last of them has come. */
class Meeting {
  readonly #size: number
  readonly #parts = new Map<number, Rows>()
  #tell: (all: readonly Rows[]) => void = () => {}
  readonly #all = new Promise<readonly Rows[]>((resolve) => {
    this.#tell = resolve
  })

  constructor(size: number) {
    this.#size = size
  }

  attend(rank: number, rows: Rows): Promise<readonly Rows[]> {
    this.#parts.set(rank, rows.slice())
    const ranks = Array.from({ length: this.#size }, (_, i) => i)
    if (this.#parts.size === this.#size) this.#tell(ranks.map((i) => this.#parts.get(i)!))
    return this.#all
  }
}

/** Members of a data-parallel run in one process: each waits until all of them have told their rows. */
export function membersOf(size: number): Communicator[] {
  const meetings: Meeting[] = []
  return Array.from({ length: size }, (_, rank) => {
    let times = 0
    return {
      ...alone,
      size,
      rank,
      gather: async <R extends Rows>(rows: R): Promise<R> => {
        const time = times++
        meetings[time] ??= new Meeting(size)
        const all = (await meetings[time].attend(rank, rows)) as R[]
        const joined = all.flatMap((part) => Array.from<number | bigint>(part))
        const Type = rows.constructor as new (values: readonly (number | bigint)[]) => R
        return new Type(joined)
      },
      broadcast: async (bytes) => {
        const time = times++
        meetings[time] ??= new Meeting(size)
        return (await meetings[time].attend(rank, bytes))[0] as Uint8Array
      },
      barrier: async () => {
        const time = times++
        meetings[time] ??= new Meeting(size)
        await meetings[time].attend(rank, new Uint8Array(0))
      },
    }
  })
}
