import { type Node, type OpAttributes, type OpName, type Tensor, topologicalOrder } from '../graph/index.ts'
import {
  constant,
  getLocal,
  instantiateLoop,
  instruction,
  load,
  setLocal,
  simd,
  store,
  storeAt,
} from './wasm-loop.ts'

/**
 * Changes vectors of one length in place, element after element.
 * @returns The sums of the scalar results.
 */
export type ElementwiseLoop = (
  vectors: Readonly<Record<string, Float32Array>>,
  scalars: Readonly<Record<string, number>>,
) => Readonly<Record<string, number>>

/** Operations as instructions on their operands, in this order. */
const instructions: Partial<Record<OpName, number>> = {
  add: simd.add,
  sub: simd.sub,
  mul: simd.mul,
  div: simd.div,
  neg: simd.neg,
  abs: simd.abs,
  sqrt: simd.sqrt,
  maximum: simd.maximum,
  minimum: simd.minimum,
  equal: simd.equal,
  less: simd.less,
  lessOrEqual: simd.lessOrEqual,
}

/** Elements that go through the loop at once: those of a few vectors stay in the cache of a core. */
const chunk = 8192

/**
 * A formula over vectors as one loop in WebAssembly, four elements at a time: every element is read once and written
 * once, where ONNX Runtime takes a pass over memory for every operation (benchmarks/README.md has both).
 *
 * @param vectors Names of the inputs that are vectors; all others are scalars.
 * @param results What has a vector's name replaces it; a scalar is a sum over a vector.
 * @returns Undefined when anything else than elementwise arithmetic and sums of its results is asked for.
 */
export function compileLoop(
  vectors: readonly string[],
  results: Readonly<Record<string, Tensor>>,
): ElementwiseLoop | undefined {
  const nodes = topologicalOrder(Object.values(results))
  const scalars = nodes
    .flatMap((node) => (isInput(node) ? [node.attributes.name] : []))
    .filter((name) => !vectors.includes(name))
  const writer = new LoopWriter(vectors, scalars)
  if (!nodes.every((node) => writer.write(node))) return undefined
  const written = vectors.filter((name) => name in results)
  const sums = Object.keys(results).filter((name) => !vectors.includes(name))
  const places = new Map(vectors.map((name, i) => [name, i * chunk]))
  const sumsAt = vectors.length * chunk
  // After all reads: a swap is a swap.
  for (const name of written)
    writer.inside.push(...store(4 * places.get(name)!, writer.localOf(results[name]!)))
  for (const [i, name] of sums.entries())
    writer.after.push(...storeAt(4 * (sumsAt + 4 * i), writer.localOf(results[name]!)))

  const { before, inside, after, locals } = writer
  const code = { before, inside, after, locals, scalars: scalars.length }
  const { run, memory } = instantiateLoop(code, sumsAt + 4 * sums.length)

  return (arrays, numbers) => {
    const length = arrays[vectors[0]!]!.length
    const given = scalars.map((name) => numbers[name]!)
    const totals = sums.map(() => 0)
    const go = (from: number, to: number, lanes: number) => {
      run(4 * from, 4 * to, ...given)
      for (let i = 0; i < sums.length; i++) {
        for (let lane = 0; lane < lanes; lane++) totals[i]! += memory[sumsAt + 4 * i + lane]!
      }
    }
    for (let start = 0; start < length; start += chunk) {
      const count = Math.min(chunk, length - start)
      for (const [name, place] of places) memory.set(arrays[name]!.subarray(start, start + count), place)
      const whole = count - (count % 4)
      if (whole > 0) go(0, whole, 4)
      if (whole < count) go(whole, count, count - whole) // the other lanes hold what nobody asked for
      for (const name of written) {
        const place = places.get(name)!
        arrays[name]!.set(memory.subarray(place, place + count), start)
      }
    }
    return Object.fromEntries(sums.map((name, i) => [name, totals[i]!]))
  }
}

const isInput = (node: Node): node is Node & { attributes: OpAttributes['input'] } => node.op === 'input'

/** Writes each node into a local: before the loop what is the same for all elements, inside it the rest. */
class LoopWriter {
  readonly before: number[] = []
  readonly inside: number[] = []
  readonly after: number[] = []
  readonly #vectors: readonly string[]
  readonly #scalars: readonly string[]
  readonly #locals = new Map<Tensor, number>()
  readonly #sums = new Set<Tensor>()

  constructor(vectors: readonly string[], scalars: readonly string[]) {
    this.#vectors = vectors
    this.#scalars = scalars
  }

  get locals(): number {
    return this.#locals.size
  }

  localOf(tensor: Tensor): number {
    return this.#locals.get(tensor)!
  }

  /** @returns Whether the node can be written. */
  write(node: Node): boolean {
    if (node.inputs.some((input) => this.#sums.has(input))) return false // known only when the loop is over
    const output = node.outputs[0]!
    const local = 2 + this.#scalars.length + this.#locals.size
    this.#locals.set(output, local)
    const operands = node.inputs.map((input) => getLocal(this.localOf(input)))
    if (node.op === 'sum' && output.size === 1) {
      this.inside.push(...getLocal(local), ...operands.flat(), ...instruction(simd.add), ...setLocal(local))
      this.#sums.add(output)
      return true
    }
    const value = this.#leaf(node) ?? this.#operation(node.op, operands)
    if (value === undefined) return false
    const statements = output.size === 1 ? this.before : this.inside
    statements.push(...value, ...setLocal(local))
    return true
  }

  #leaf(node: Node): number[] | undefined {
    if (isInput(node)) {
      const vector = this.#vectors.indexOf(node.attributes.name)
      if (vector !== -1) return load(4 * chunk * vector)
      return [...getLocal(2 + this.#scalars.indexOf(node.attributes.name)), ...instruction(simd.splat)]
    }
    if (node.op !== 'constant' || node.outputs[0]!.size > 1) return undefined
    return constant(Number((node.attributes as OpAttributes['constant']).value.data[0]))
  }

  #operation(op: OpName, operands: readonly number[][]): number[] | undefined {
    if (op === 'expand') return operands[0]
    if (op === 'where') {
      const [condition, a, b] = operands as readonly [number[], number[], number[]]
      return [...a, ...b, ...condition, ...instruction(simd.select)]
    }
    const code = instructions[op]
    return code === undefined ? undefined : [...operands.flat(), ...instruction(code)]
  }
}
