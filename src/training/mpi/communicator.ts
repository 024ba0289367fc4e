import { type HostArray, TrainingError } from '../../core/index.ts'
import type { Arena } from '../../engine/index.ts'
import type { Communicator } from '../communicator.ts'
import type { Mpi } from './bindings.ts'

/** Exchanges of the members so far. */
export interface CommunicationCosts {
  /** Bytes of this member that went into sums, gathers and broadcasts. */
  readonly bytes: number
  /** Seconds in which data moved. */
  readonly exchangeSeconds: number
  /** Seconds in which this member waited for the last one to come. */
  readonly waitSeconds: number
}

/** Elements that are summed by one call, so that each call ends in a time that can be bounded: 16 MiB. */
const bucket = 2 ** 22

/** Milliseconds for which a member looks at every turn of the event loop whether the others have come; then each millisecond. */
const eager = 2

/** Seconds in which an end by MPI_Abort must have happened. */
const patienceToAbort = 5

/**
 * Members over an MPI library. All of them meet before data moves: so a member that waits for a slower one leaves its
 * core to others, and does not block its event loop. Data then moves on another thread.
 */
export class MpiCommunicator implements Communicator {
  readonly size: number
  readonly rank: number
  readonly #mpi: Mpi
  readonly #patience: number
  #bytes = 0
  #exchange = 0
  #wait = 0
  /** Queue of calls: the library is used by one at a time. */
  #last: Promise<unknown> = Promise.resolve()

  /** @param patience Seconds after which a member that does not come, or data that does not move, ends the run. */
  constructor(mpi: Mpi, patience: number) {
    this.#mpi = mpi
    this.#patience = patience
    this.size = mpi.size
    this.rank = mpi.rank
  }

  /** Rank and host, for messages. */
  get name(): string {
    return `rank ${this.rank} of ${this.size} on ${this.#mpi.host}`
  }

  get library(): string {
    return this.#mpi.version.split(/\n|,/)[0]!.replace(/\s+/g, ' ')
  }

  get costs(): CommunicationCosts {
    return { bytes: this.#bytes, exchangeSeconds: this.#exchange / 1000, waitSeconds: this.#wait / 1000 }
  }

  gather<Rows extends HostArray['data'] | Float64Array>(rows: Rows): Promise<Rows> {
    return this.#together('gathering', async () => {
      const own = bytesOf(rows)
      const sizes = new Float64Array(this.size)
      const [equal, places] = [new Int32Array(this.size).fill(8), placesOf(new Int32Array(this.size).fill(8))]
      await this.#mpi.gather(bytesOf(Float64Array.of(own.length)), bytesOf(sizes), equal, places)
      const total = sizes.reduce((sum, size) => sum + size, 0)
      if (total >= 2 ** 31) throw tooMuch(total)
      const all = new Uint8Array(total)
      const counts = Int32Array.from(sizes)
      await this.#mpi.gather(own, all, counts, placesOf(counts))
      this.#bytes += own.length
      const Type = rows.constructor as new (buffer: ArrayBuffer) => Rows
      return new Type(all.buffer)
    })
  }

  sum(gradients: Arena): Promise<void> {
    return this.#together('summing gradients', () =>
      gradients.changeVectors(async (vector) => {
        for (let start = 0; start < vector.length; start += bucket) {
          const part = vector.subarray(start, start + bucket)
          await this.#bounded('summing gradients', this.#mpi.sum(part))
          this.#bytes += part.byteLength
        }
      }),
    )
  }

  broadcast(bytes: Uint8Array): Promise<Uint8Array> {
    return this.#together('broadcasting', async () => {
      const length = Float64Array.of(bytes.length)
      await this.#mpi.broadcast(bytesOf(length))
      const received = this.rank === 0 ? bytes : new Uint8Array(length[0]!)
      await this.#mpi.broadcast(received)
      this.#bytes += received.length
      return received
    })
  }

  barrier(): Promise<void> {
    return this.#together('waiting for the others', async () => {})
  }

  /** Leave, when all members do. */
  async close(): Promise<void> {
    await this.barrier()
    this.#mpi.finalize()
  }

  /** End all members with an exit code, also when the library no longer answers. */
  abort(code: number): void {
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), 1000 * patienceToAbort)
    void this.#mpi.abort(code).catch(() => {})
  }

  /** Meet the others, then exchange, in its turn. */
  #together<Result>(what: string, exchange: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(async () => {
      const start = performance.now()
      await this.#meet(what)
      const met = performance.now()
      const result = await this.#bounded(what, exchange())
      this.#wait += met - start
      this.#exchange += performance.now() - met
      return result
    })
    this.#last = turn.catch(() => {})
    return turn
  }

  async #meet(what: string): Promise<void> {
    const start = performance.now()
    this.#mpi.meet()
    while (!this.#mpi.met()) {
      const waited = performance.now() - start
      if (waited > 1000 * this.#patience) throw this.#noAnswer(what)
      await new Promise<void>((resolve) => (waited < eager ? setImmediate(resolve) : setTimeout(resolve, 1)))
    }
  }

  async #bounded<Result>(what: string, work: Promise<Result>): Promise<Result> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.#noAnswer(what)), 1000 * this.#patience)
    })
    try {
      return await Promise.race([work, late])
    } finally {
      clearTimeout(timer)
    }
  }

  #noAnswer(what: string): TrainingError {
    return new TrainingError(
      'mpi/no-answer',
      `${what}: another member did not answer for ${this.#patience} s; look whether its host and the network between live, ` +
        'or allow more by VISUOMOTOR_MPI_TIMEOUT, in seconds',
      { rank: this.rank, size: this.size, seconds: this.#patience },
    )
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: NodeJS.TypedArray): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

/** Place of each part where parts lie one after the other. */
function placesOf(counts: Int32Array): Int32Array {
  let place = 0
  return counts.map((count) => {
    const own = place
    place += count
    return own
  })
}

const tooMuch = (bytes: number): TrainingError =>
  new TrainingError(
    'mpi/failed',
    `the features of all members are ${bytes} bytes, and MPI counts no more than 2147483647: take smaller batches`,
    { bytes },
  )
