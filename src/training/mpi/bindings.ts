import { ConfigError, TrainingError } from '../../core/index.ts'
import type { ForeignArgument, ForeignFunction, ForeignLibrary } from '../../engine/index.ts'

/** A constant of MPI: an integer in one library, an address in the other. */
type Handle = number | bigint

interface Constants {
  /** Type of a handle where a function takes it. */
  readonly handle: 'int' | 'void *'
  readonly world: Handle
  readonly float: Handle
  readonly byte: Handle
  readonly sum: Handle
  readonly errorsReturn: Handle
  /** The address that stands for “the result's place is the argument's”. */
  readonly inPlace: number
  /** The address that stands for “nobody reads the status”. */
  readonly statusIgnore: number
}

/** Constants of MPICH's ABI, which Intel MPI and Cray's share. */
const ofMpich: Constants = {
  handle: 'int',
  world: 0x44000000,
  float: 0x4c00040a,
  byte: 0x4c00010d,
  sum: 0x58000003,
  errorsReturn: 0x54000001,
  inPlace: -1,
  statusIgnore: 1,
}

/** Constants of Open MPI: addresses of what the library exports. */
const ofOpenMpi = ({ address }: ForeignLibrary): Constants => ({
  handle: 'void *',
  world: address('ompi_mpi_comm_world'),
  float: address('ompi_mpi_float'),
  byte: address('ompi_mpi_byte'),
  sum: address('ompi_mpi_op_sum'),
  errorsReturn: address('ompi_mpi_errors_return'),
  inPlace: 1,
  statusIgnore: 0,
})

/** Level of threads that is asked for: calls from several threads, never two at a time (MPI_THREAD_SERIALIZED). */
const serialized = 2

/** The functions of an MPI library over all members of the run. Each throws TrainingError `mpi/failed` when the library refuses. */
export class Mpi {
  /** Name and version in the library's own words. */
  readonly version: string
  readonly rank: number
  readonly size: number
  readonly host: string
  readonly #constants: Constants
  readonly #library: ForeignLibrary
  readonly #functions = new Map<string, ForeignFunction>()
  readonly #request = new BigUint64Array(1)
  readonly #flag = new Int32Array(1)

  /** Join the other members. @throws ConfigError `mpi/library`, `mpi/threads`. */
  constructor(library: ForeignLibrary & { readonly path: string }) {
    this.#library = library
    this.version = versionOf(library)
    this.#constants = constantsOf(library, this.version)
    const provided = new Int32Array(1)
    const initialize = library.function('MPI_Init_thread', ['void *', 'void *', 'int', 'void *'])
    this.#check('MPI_Init_thread', initialize(null, null, serialized, provided))
    if (provided[0]! < serialized) throw noThreads(this.version, provided[0]!)
    const { world, errorsReturn, float, byte } = this.#constants
    this.#call('MPI_Comm_set_errhandler', 'hh', world, errorsReturn)
    const number = (name: string, of: Handle): number => {
      const out = new Int32Array(1)
      this.#call(name, 'hp', of, out)
      return out[0]!
    }
    if (number('MPI_Type_size', float) !== 4 || number('MPI_Type_size', byte) !== 1)
      throw unknownLibrary(library.path, this.version)
    this.rank = number('MPI_Comm_rank', world)
    this.size = number('MPI_Comm_size', world)
    this.host = textOf(library.function('MPI_Get_processor_name', ['void *', 'void *']), 1024)
  }

  /** Begin to meet the others: the meeting is over when {@link met} says so. */
  meet(): void {
    this.#call('MPI_Ibarrier', 'hp', this.#constants.world, this.#request)
  }

  met(): boolean {
    this.#call('MPI_Test', 'ppa', this.#request, this.#flag, this.#constants.statusIgnore)
    return this.#flag[0] !== 0
  }

  /** Sum an array over all members, in place. */
  sum(values: Float32Array): Promise<void> {
    const { inPlace, float, sum, world } = this.#constants
    return this.#later('MPI_Allreduce', 'apihhh', inPlace, values, values.length, float, sum, world)
  }

  /** Gather the bytes of all members, whose counts are known. */
  gather(own: Uint8Array, all: Uint8Array, counts: Int32Array, places: Int32Array): Promise<void> {
    const { byte, world } = this.#constants
    return this.#later('MPI_Allgatherv', 'pihppphh', own, own.length, byte, all, counts, places, byte, world)
  }

  /** Put the bytes of rank 0 into those of all members, which are as many. */
  broadcast(bytes: Uint8Array): Promise<void> {
    const { byte, world } = this.#constants
    return this.#later('MPI_Bcast', 'pihih', bytes, bytes.length, byte, 0, world)
  }

  /** Leave in good order. All members must do so. */
  finalize(): void {
    this.#call('MPI_Finalize', '')
  }

  /** End all members. It may never return, so it runs on another thread. */
  abort(code: number): Promise<void> {
    return this.#later('MPI_Abort', 'hi', this.#constants.world, code)
  }

  #call(name: string, parameters: string, ...values: readonly ForeignArgument[]): void {
    this.#check(name, this.#function(name, parameters)(...values))
  }

  async #later(name: string, parameters: string, ...values: readonly ForeignArgument[]): Promise<void> {
    this.#check(name, await this.#function(name, parameters).later(...values))
  }

  /** @param parameters A letter each: `i` int, `p` pointer to memory, `a` address as a number, `h` handle. */
  #function(name: string, parameters: string): ForeignFunction {
    const known = this.#functions.get(name)
    if (known) return known
    const types = { i: 'int', p: 'void *', a: 'intptr_t', h: this.#constants.handle }
    const found = this.#library.function(
      name,
      [...parameters].map((letter) => types[letter as keyof typeof types]),
    )
    this.#functions.set(name, found)
    return found
  }

  #check(name: string, code: number): void {
    if (code === 0) return
    const explain = this.#library.function('MPI_Error_string', ['int', 'void *', 'void *'])
    const text = textOf((...out) => explain(code, ...out), 4096)
    const message = `${name} failed: ${text}; look at the messages of the library above, and at the network`
    throw new TrainingError('mpi/failed', message, { function: name, code })
  }
}

/**
 * Name and version of a library in its own words, which it tells before anybody joins.
 * @throws ConfigError `mpi/library` for a library of something else.
 */
export function versionOf(library: ForeignLibrary & { readonly path: string }): string {
  try {
    return textOf(library.function('MPI_Get_library_version', ['void *', 'void *']), 8192)
  } catch (cause) {
    const message = `${library.path} is no MPI library (${(cause as Error).message}): name the file of one by VISUOMOTOR_MPI`
    throw new ConfigError('mpi/library', message, { path: library.path }, { cause })
  }
}

function constantsOf(library: ForeignLibrary & { readonly path: string }, version: string): Constants {
  const abi = abiOf(version)
  if (abi === 'Open MPI') return ofOpenMpi(library)
  if (abi === 'MPICH') return ofMpich
  throw unknownLibrary(library.path, version)
}

/** Kind of a library's handles, by what it says of itself; undefined for one that is not known. */
export function abiOf(version: string): 'Open MPI' | 'MPICH' | undefined {
  if (/open mpi/i.test(version)) return 'Open MPI'
  return /mpich|intel|cray/i.test(version) ? 'MPICH' : undefined
}

/** Text that a function writes to its first parameter, with its length to the second. */
function textOf(write: (text: Uint8Array, length: Int32Array) => number, most: number): string {
  const [text, length] = [new Uint8Array(most), new Int32Array(1)]
  write(text, length)
  return Buffer.from(text.subarray(0, length[0])).toString().replaceAll('\0', '').trim()
}

const unknownLibrary = (path: string, version: string): ConfigError =>
  new ConfigError(
    'mpi/library',
    `${path} is '${version.split('\n')[0]}', whose handles are not known: install Open MPI or MPICH, and name the file of one by VISUOMOTOR_MPI`,
    { path, version },
  )

const noThreads = (version: string, level: number): ConfigError =>
  new ConfigError(
    'mpi/threads',
    `${version.split('\n')[0]} was built for one thread only, and members compute and communicate on different ones: ` +
      'take a build with MPI_THREAD_SERIALIZED, as distributions have it',
    { version, level },
  )
