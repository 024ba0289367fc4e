import { absorbIntoMatmul } from './rewrites/absorb-into-matmul.ts'
import { broadcastLazily } from './rewrites/broadcast-lazily.ts'
import { dropIdentities } from './rewrites/drop-identities.ts'
import { fillEmptyProducts } from './rewrites/fill-empty-products.ts'
import { foldConstants } from './rewrites/fold-constants.ts'
import { halveProducts } from './rewrites/halve-products.ts'
import { mergeLayout } from './rewrites/merge-layout.ts'
import { mergeScalars } from './rewrites/merge-scalars.ts'
import { constantValue, type Rule } from './rewrites/rule.ts'
import { sumRowsByMatmul } from './rewrites/sum-rows-by-matmul.ts'
import { transposeBeforeGemm } from './rewrites/transpose-before-gemm.ts'
import { webGpuKernels } from './rewrites/webgpu-kernels.ts'
import { applyNode, type Node, type Tensor } from './tensor.ts'
import { topologicalOrder } from './traverse.ts'

/** The rules in the order they are tried; each lives in its own file under rewrites/. */
const rules: readonly Rule[] = [
  foldConstants,
  dropIdentities,
  fillEmptyProducts,
  mergeLayout,
  mergeScalars,
  broadcastLazily,
  absorbIntoMatmul,
  sumRowsByMatmul,
]

/**
 * The same outputs from fewer and cheaper nodes: constants are folded, identities dropped, equal nodes
 * shared, slow forms replaced. Dead nodes vanish because only what the outputs reach is visited.
 */
export function rewrite<Outputs extends Readonly<Record<string, Tensor>>>(outputs: Outputs): Outputs {
  return rewriteWith(rules, outputs)
}

/**
 * The same outputs by rules of your own, as quantization brings them. Equal nodes are computed once. The built-in rules
 * are not among them: call `rewrite` before or after.
 * @param rules Tried in this order on every node, producers before consumers; the first that applies is taken.
 */
export function rewriteWith<Outputs extends Readonly<Record<string, Tensor>>>(
  rules: readonly Rule[],
  outputs: Outputs,
): Outputs {
  const rewriter = new Rewriter(rules)
  for (const node of topologicalOrder(Object.values(outputs))) rewriter.visit(node)
  return Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => [name, rewriter.result(tensor)]),
  ) as unknown as Outputs
}

/** The same outputs, after `rewrite`, from the products that are fastest on the CPU. */
export function rewriteForCpu<Outputs extends Readonly<Record<string, Tensor>>>(outputs: Outputs): Outputs {
  return rewriteWith([transposeBeforeGemm], outputs)
}

/** The same outputs, after `rewrite`, from nodes that WebGPU can run. */
export function rewriteForWebGpu<Outputs extends Readonly<Record<string, Tensor>>>(
  outputs: Outputs,
): Outputs {
  return rewriteWith(webGpuKernels, outputs)
}

/**
 * The same outputs, before `rewrite`, with matrix products in half precision: see `halveProducts`.
 * @param kernels The type of the provider's matrix products.
 */
export function rewriteInHalfPrecision<Outputs extends Readonly<Record<string, Tensor>>>(
  outputs: Outputs,
  kernels: 'float16' | 'float32',
): Outputs {
  return rewriteWith([halveProducts(kernels)], outputs)
}

/** A number as text; unlike in JSON and String(), infinities and the sign of zero are kept. */
const exactly = (value: unknown): string => (Object.is(value, -0) ? '-0' : String(value))

const exactNumbers = (_: string, value: unknown): unknown =>
  typeof value === 'number' ? exactly(value) : value

class Rewriter {
  readonly #results = new Map<Node, readonly Tensor[]>()
  readonly #shared = new Map<string, Node>()
  readonly #ids = new Map<Tensor, number>()
  readonly #rules: readonly Rule[]

  constructor(rules: readonly Rule[]) {
    this.#rules = rules
  }

  result(tensor: Tensor): Tensor {
    return this.#results.get(tensor.node)![tensor.index]!
  }

  visit(node: Node): void {
    if (this.#results.has(node)) return
    const inputs = node.inputs.map((input) => this.result(input))
    const unchanged = inputs.every((input, i) => input === node.inputs[i])
    const current = this.#share(unchanged ? node : applyNode(node.op, inputs, node.attributes))
    this.#results.set(node, this.#results.get(current) ?? this.#simplify(current, node))
  }

  /** The outputs of a node whose inputs are final, after the first rule that applies. */
  #simplify(node: Node, original: Node): readonly Tensor[] {
    // Set first: what a rule builds may lead back to the node itself.
    this.#results.set(node, node.outputs)
    for (const rule of this.#rules) {
      const replacement = rule(node, original)
      if (!replacement || replacement === node.outputs[0]) continue
      for (const part of topologicalOrder([replacement], this.#results)) this.visit(part)
      const outputs = [this.result(replacement)]
      this.#results.set(node, outputs)
      return outputs
    }
    return node.outputs
  }

  /** An equal node seen before, or this one. */
  #share(node: Node): Node {
    const key = this.#key(node)
    if (key === undefined) return node
    const known = this.#shared.get(key)
    if (known) return known
    this.#shared.set(key, node)
    return node
  }

  #key({ op, inputs, attributes, outputs }: Node): string | undefined {
    if (op === 'input') return undefined
    const value = op === 'constant' ? constantValue(outputs[0]!) : undefined
    if (value)
      return value.data.length > 64
        ? undefined
        : `${value.dtype}[${value.shape}]${Array.from<unknown, string>(value.data, exactly)}`
    return `${op}(${inputs.map((input) => this.#id(input))})${JSON.stringify(attributes, exactNumbers)}`
  }

  #id(tensor: Tensor): number {
    const known = this.#ids.get(tensor)
    if (known !== undefined) return known
    this.#ids.set(tensor, this.#ids.size)
    return this.#ids.size - 1
  }
}
