import { type Node, type OpAttributes, type OpName, type Tensor, topologicalOrder } from '../graph/index.ts'
import {
  addressParameter,
  compileModule,
  constant,
  getLocal,
  instruction,
  type LoopModule,
  load,
  setLocal,
  simd,
  store,
  storeSum,
} from './wasm-loop.ts'

/** A formula over vectors of one length, compiled to change them in place. */
export interface ElementwiseLoop {
  readonly module: LoopModule
  /** Names in the order of the function's addresses. */
  readonly vectors: readonly string[]
  readonly scalars: readonly string[]
  /** Names of the vectors that change. */
  readonly written: readonly string[]
  /** Results that are sums over a vector. */
  readonly sums: readonly string[]
}

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
  // After all reads: a swap is a swap.
  for (const name of written)
    writer.inside.push(...store(vectors.indexOf(name), writer.localOf(results[name]!)))
  for (const [i, name] of sums.entries()) writer.after.push(...storeSum(i, writer.localOf(results[name]!)))
  const { before, inside, after, locals } = writer
  const code = { before, inside, after, locals, arrays: vectors.length, scalars: scalars.length }
  return { module: compileModule(code), vectors, scalars, written, sums }
}

const isInput = (node: Node): node is Node & { attributes: OpAttributes['input'] } => node.op === 'input'

/** Writer of each node into a local: before the loop what is the same for all elements, inside it the rest. */
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

  /** The function's parameter for a scalar. */
  #parameterOf(scalar: number): number {
    return addressParameter(this.#vectors.length + scalar)
  }

  localOf(tensor: Tensor): number {
    return this.#locals.get(tensor)!
  }

  /** @returns Whether the node can be written. */
  write(node: Node): boolean {
    if (node.inputs.some((input) => this.#sums.has(input))) return false // known only when the loop is over
    const output = node.outputs[0]!
    const local = this.#parameterOf(this.#scalars.length) + this.#locals.size
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
      if (vector !== -1) return load(vector)
      const scalar = this.#scalars.indexOf(node.attributes.name)
      return [...getLocal(this.#parameterOf(scalar)), ...instruction(simd.splat)]
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
