/** Bytes of a WebAssembly module with one function: a loop over vectors of four float32 (WebAssembly 2.0, SIMD). */

/** Instructions on values of type v128. */
export const simd = {
  load: 0x00,
  store: 0x0b,
  constant: 0x0c,
  splat: 0x13,
  equal: 0x41,
  less: 0x43,
  lessOrEqual: 0x45,
  select: 0x52,
  abs: 0xe0,
  neg: 0xe1,
  sqrt: 0xe3,
  add: 0xe4,
  sub: 0xe5,
  mul: 0xe6,
  div: 0xe7,
  minimum: 0xe8,
  maximum: 0xe9,
} as const

const [i32, f32, v128] = [0x7f, 0x7d, 0x7b]
/**
 * Parameters 0 to 2: where the loop begins and ends, in bytes from the beginning of each array, of which it counts up
 * the first, and where sums go. The addresses of the arrays follow, then the scalars.
 */
const [from, to, sums] = [0, 1, 2]
/** The parameter that is the address of an array, or the first scalar after all of them. */
export const addressParameter = (array: number): number => 3 + array
const bytesOfVector = 16
const sharedWithMaximum = 3

/** A number of variable length (LEB128). */
function unsigned(value: number): number[] {
  const bytes: number[] = []
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128)
  return [...bytes, value]
}

const section = (id: number, content: readonly number[]): number[] => [id, ...sized(content)]
const sized = (content: readonly number[]): number[] => [...unsigned(content.length), ...content]
const text = (value: string): number[] => sized([...Buffer.from(value)])

export const instruction = (code: number, ...operands: readonly number[]): number[] => [
  0xfd,
  ...unsigned(code),
  ...operands,
]
export const getLocal = (index: number): number[] => [0x20, ...unsigned(index)]
export const setLocal = (index: number): number[] => [0x21, ...unsigned(index)]

/** Every lane the same float32. */
export function constant(value: number): number[] {
  const bytes = [...new Uint8Array(Float32Array.of(value).buffer)]
  return instruction(simd.constant, ...bytes, ...bytes, ...bytes, ...bytes)
}

const placeIn = (array: number): number[] => [
  ...getLocal(addressParameter(array)),
  ...getLocal(from),
  0x6a, // i32.add
]

/** The vector at the place of the loop in an array. */
export const load = (array: number): number[] => [...placeIn(array), ...instruction(simd.load, 4, 0)]

/** Store a local at the place of the loop in an array. */
export const store = (array: number, local: number): number[] => [
  ...placeIn(array),
  ...getLocal(local),
  ...instruction(simd.store, 4, 0),
]

/** Store a local where sums go, as the one of this number. */
export const storeSum = (number: number, local: number): number[] => [
  ...getLocal(sums),
  ...getLocal(local),
  ...instruction(simd.store, 4, ...unsigned(bytesOfVector * number)),
]

export interface LoopCode {
  readonly arrays: number
  /** Numbers that the function takes after the addresses of the arrays, as float32. */
  readonly scalars: number
  /** Locals of type v128, numbered after the parameters; 0 in every lane at first. */
  readonly locals: number
  readonly before: readonly number[]
  readonly inside: readonly number[]
  readonly after: readonly number[]
}

/** Memory that threads share. It grows in place: what is in it never moves, and views of it stay. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer
  grow(pages: number): number
}

export type LoopFunction = (from: number, to: number, sums: number, ...rest: readonly number[]) => void

/** A compiled module, which other threads can be given. */
export type LoopModule = object & { readonly loop?: never }

/** The part of Node's WebAssembly in use, which its types leave out. */
interface WebAssembly {
  readonly Memory: new (pages: {
    readonly initial: number
    readonly maximum: number
    readonly shared: true
  }) => SharedMemory
  readonly Module: new (bytes: Uint8Array) => LoopModule
  readonly Instance: new (
    module: LoopModule,
    imports: { readonly memory: { readonly memory: SharedMemory } },
  ) => { readonly exports: { readonly run: LoopFunction } }
}
const { Memory, Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssembly }).WebAssembly

export const bytesOfPage = 65536
/** A memory's addresses have 32 bits. */
export const mostPages = 65536

/** Memory of one page, which can grow. Only what is used is taken from the machine. */
export const sharedMemory = (maximum: number): SharedMemory =>
  new Memory({ initial: 1, maximum, shared: true })

export const compileModule = (code: LoopCode): LoopModule => new Module(loopModule(code))

export const instantiate = (module: LoopModule, memory: SharedMemory): LoopFunction =>
  new Instance(module, { memory: { memory } }).exports.run

/** The module: imports `memory.memory`, exports `run(from, to, sums, ...addresses, ...scalars)`. */
function loopModule({ arrays, scalars, locals, before, inside, after }: LoopCode): Uint8Array<ArrayBuffer> {
  const addresses = Array.from({ length: addressParameter(arrays) }, () => i32)
  const parameters = [...addresses, ...Array.from({ length: scalars }, () => f32)]
  const next = [...getLocal(from), 0x41, bytesOfVector, 0x6a, 0x22, from] // from += 16, and leave it
  const loop = [0x03, 0x40, ...inside, ...next, ...getLocal(to), 0x49, 0x0d, 0, 0x0b] // while from < to
  const body = [1, ...unsigned(locals), v128, ...before, ...loop, ...after, 0x0b]
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, ...sized(parameters), 0]),
    ...section(2, [1, ...text('memory'), ...text('memory'), 2, sharedWithMaximum, 1, ...unsigned(mostPages)]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text('run'), 0, 0]),
    ...section(10, [1, ...sized(body)]),
  ])
}
