import { type Node, type OpAttributes, type OpName, type Tensor, topologicalOrder } from '../graph/index.ts'

/**
 * Changes vectors of one length in place, element after element.
 * @returns The sums of the scalar results.
 */
export type ElementwiseLoop = (
  vectors: Readonly<Record<string, Float32Array>>,
  scalars: Readonly<Record<string, number>>,
) => Readonly<Record<string, number>>

/** Operations as JavaScript. */
const expressions: Partial<Record<OpName, (a: string, b?: string, c?: string) => string>> = {
  add: (a, b) => `${a} + ${b}`,
  sub: (a, b) => `${a} - ${b}`,
  mul: (a, b) => `${a} * ${b}`,
  div: (a, b) => `${a} / ${b}`,
  neg: (a) => `-${a}`,
  abs: (a) => `Math.abs(${a})`,
  sqrt: (a) => `Math.sqrt(${a})`,
  maximum: (a, b) => `Math.max(${a}, ${b})`,
  minimum: (a, b) => `Math.min(${a}, ${b})`,
  equal: (a, b) => `${a} === ${b}`,
  less: (a, b) => `${a} < ${b}`,
  lessOrEqual: (a, b) => `${a} <= ${b}`,
  where: (condition, a, b) => `${condition} ? ${a} : ${b}`,
  expand: (a) => a,
}

/**
 * A formula over vectors as one loop: every element is read once and written once, where ONNX Runtime takes a pass
 * over memory for every operation and needs twice the time on two cores (benchmarks/README.md). It computes in double
 * precision and rounds what it stores.
 *
 * @param vectors Names of the inputs that are vectors; all others are scalars.
 * @param results What has a vector's name replaces it; a scalar is a sum over a vector.
 * @returns Undefined when anything else than elementwise arithmetic and sums of its results is asked for.
 */
export function compileLoop(
  vectors: readonly string[],
  results: Readonly<Record<string, Tensor>>,
): ElementwiseLoop | undefined {
  const writer = new LoopWriter(vectors)
  if (!topologicalOrder(Object.values(results)).every((node) => writer.write(node))) return undefined
  const [stores, sums]: [string[], string[]] = [[], []]
  for (const [name, tensor] of Object.entries(results)) {
    const value = writer.nameOf(tensor)
    if (vectors.includes(name)) stores.push(`vector${vectors.indexOf(name)}[i] = ${value}`)
    else sums.push(`${JSON.stringify(name)}: ${value}`)
  }
  const code = [
    ...vectors.map((name, i) => `const vector${i} = vectors[${JSON.stringify(name)}]`),
    ...writer.before,
    'for (let i = 0; i < vector0.length; i++) {',
    ...writer.inside,
    ...stores, // after all reads: a swap is a swap
    '}',
    `return { ${sums} }`,
  ]
  return new Function('vectors', 'scalars', code.join('\n')) as ElementwiseLoop
}

/** Writes each node as one statement: before the loop what is the same for all elements, inside it the rest. */
class LoopWriter {
  readonly before: string[] = []
  readonly inside: string[] = []
  readonly #vectors: readonly string[]
  readonly #names = new Map<Tensor, string>()
  readonly #sums = new Set<Tensor>()

  constructor(vectors: readonly string[]) {
    this.#vectors = vectors
  }

  nameOf(tensor: Tensor): string {
    return this.#names.get(tensor)!
  }

  /** @returns Whether the node can be written. */
  write(node: Node): boolean {
    if (node.inputs.some((input) => this.#sums.has(input))) return false // known only when the loop is over
    const output = node.outputs[0]!
    const name = `value${this.#names.size}`
    const operands = node.inputs.map((input) => this.nameOf(input))
    this.#names.set(output, name)
    if (node.op === 'sum' && output.size === 1) {
      this.before.push(`let ${name} = 0`)
      this.inside.push(`${name} += ${operands[0]}`)
      this.#sums.add(output)
      return true
    }
    const expression = this.#leaf(node) ?? expressions[node.op]?.(operands[0]!, operands[1], operands[2])
    if (expression === undefined) return false
    const statements = output.size === 1 ? this.before : this.inside
    statements.push(`const ${name} = ${expression}`)
    return true
  }

  #leaf({ op, attributes, outputs }: Node): string | undefined {
    if (op === 'input') {
      const { name } = attributes as OpAttributes['input']
      const vector = this.#vectors.indexOf(name)
      return vector === -1 ? `scalars[${JSON.stringify(name)}]` : `vector${vector}[i]`
    }
    if (op !== 'constant' || outputs[0]!.size > 1) return undefined
    return `${(attributes as OpAttributes['constant']).value.data[0]}`
  }
}
