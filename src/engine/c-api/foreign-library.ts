import { addressOf } from './functions.ts'
import { koffi } from './koffi.ts'
import { widenStacks } from './library.ts'

/** Argument of a function of a library: a number, a pointer, the memory of an array, or a null pointer. */
export type ForeignArgument = number | bigint | NodeJS.TypedArray | null

/** A function of a library that returns an int. */
export interface ForeignFunction {
  (...values: readonly ForeignArgument[]): number
  /** Call on another thread, so that this one is free. Memory is held until the promise settles. */
  later(...values: readonly ForeignArgument[]): Promise<number>
}

/** A library of another project in this process, whose functions are called by FFI. */
export interface ForeignLibrary {
  /** @param parameters Types as koffi names them: `int`, `void *`. */
  function(name: string, parameters: readonly string[]): ForeignFunction
  /** Address of what the library exports by name, a function or data. @throws Error when it exports no such name. */
  address(name: string): bigint
}

// koffi closes a library when its handle is collected, and the next call would end the process: all are held here.
const open = new Map<string, ForeignLibrary>()

/**
 * Open a library for the whole process: its names are seen by the libraries that it loads itself.
 * @param path File, or a name that the system's loader knows.
 * @throws Error of the system's loader.
 */
export function foreignLibrary(path: string): ForeignLibrary {
  const known = open.get(path)
  if (known) return known
  widenStacks()
  const handle = koffi.load(path, { global: true })
  const library: ForeignLibrary = {
    function: (name, parameters) => foreignFunction(handle.func(name, 'int', [...parameters])),
    address: (name) => koffi.address(handle.symbol(name)),
  }
  open.set(path, library)
  return library
}

type Native = ((...values: unknown[]) => number) & { async(...values: unknown[]): void }

function foreignFunction(native: Native): ForeignFunction {
  const pointersOf = (values: readonly ForeignArgument[]) =>
    values.map((value) => (ArrayBuffer.isView(value) ? addressOf(value) : value))
  const call = (...values: readonly ForeignArgument[]) => native(...pointersOf(values))
  const later = (...values: readonly ForeignArgument[]) =>
    new Promise<number>((resolve, reject) => {
      native.async(...pointersOf(values), (error: Error | null, result: number) => {
        void values // and the memory among them: held by this function, which koffi holds
        if (error) reject(error)
        else resolve(result)
      })
    })
  return Object.assign(call, { later })
}
