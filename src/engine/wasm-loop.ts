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
/** Parameters 0 and 1: where the loop begins and ends, in bytes; it counts up the first. */
const [from, to] = [0, 1]
const bytesOfVector = 16

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

/** The vector at the place of the loop, in the array that begins at `offset`. */
export const load = (offset: number): number[] => [
  ...getLocal(from),
  ...instruction(simd.load, 4, ...unsigned(offset)),
]

/** Store a local at the place of the loop, in the array that begins at `offset`. */
export const store = (offset: number, local: number): number[] => [
  ...getLocal(from),
  ...getLocal(local),
  ...instruction(simd.store, 4, ...unsigned(offset)),
]

/** Store a local at a fixed address. */
export const storeAt = (address: number, local: number): number[] => [
  0x41,
  0, // i32.const 0
  ...getLocal(local),
  ...instruction(simd.store, 4, ...unsigned(address)),
]

export interface LoopCode {
  /** Numbers that the function takes after the two bounds, as float32. */
  readonly scalars: number
  /** Locals of type v128, numbered from 2 + `scalars`; 0 in every lane at first. */
  readonly locals: number
  readonly before: readonly number[]
  readonly inside: readonly number[]
  readonly after: readonly number[]
}

/** What is used of Node's WebAssembly, which its types leave out. */
interface WebAssemblyModule {
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer }
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: { run(from: number, to: number, ...scalars: readonly number[]): void } }
}
const { Memory, Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyModule }).WebAssembly

/** The loop over `floats` numbers of memory of its own. `run` takes its bounds in bytes, then the scalars. */
export function instantiateLoop(code: LoopCode, floats: number) {
  const memory = new Memory({ initial: Math.ceil((4 * floats) / 65536) })
  const { exports } = new Instance(new Module(loopModule(code)), { memory: { memory } })
  return { run: exports.run, memory: new Float32Array(memory.buffer) }
}

/** The module: imports `memory.memory`, exports `run(from, to, ...scalars)`. */
function loopModule({ scalars, locals, before, inside, after }: LoopCode): Uint8Array<ArrayBuffer> {
  const parameters = [i32, i32, ...Array.from({ length: scalars }, () => f32)]
  const next = [...getLocal(from), 0x41, bytesOfVector, 0x6a, 0x22, from] // from += 16, and leave it
  const loop = [0x03, 0x40, ...inside, ...next, ...getLocal(to), 0x49, 0x0d, 0, 0x0b] // while from < to
  const body = [1, ...unsigned(locals), v128, ...before, ...loop, ...after, 0x0b]
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, ...sized(parameters), 0]),
    ...section(2, [1, ...text('memory'), ...text('memory'), 2, 0, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text('run'), 0, 0]),
    ...section(10, [1, ...sized(body)]),
  ])
}
