import { isSymbolic } from '../onnx/symbolic-sizes.ts'
import type { Node, Tensor } from '../tensor.ts'
import { axisRules } from './axis-rules.ts'
import { type AxisContext, axesOf, type Place, type Relation } from './relation.ts'

/** A graph, and what is known of it beside its nodes. */
export interface AxisGraph extends AxisContext {
  /** Nodes, producers before consumers. */
  readonly nodes: readonly Node[]
  /** Tensors whose axes must keep their sizes: the outputs, and what is fed. */
  readonly fixed: readonly Tensor[]
  /** Tensors whose axes are asked about. */
  readonly seeds: readonly Tensor[]
}

/** Number of the class of all positions that cannot be removed. */
const pinned = 0

/**
 * Classes of positions of axes: what is in one class can only be removed together. They are found by walking the graph
 * from the seeds in both directions, op by op (`axisRules`).
 *
 * Of an axis that is a product of others, as the width of all heads is, one factor can shrink: the outermost of which
 * nothing is fixed, or else the outermost of which something is free. The others then stay whole.
 */
export class AxisClasses {
  readonly #bases = new Map<Tensor, (number | undefined)[]>()
  readonly #parents: number[] = [pinned]

  constructor({ nodes, fixed, seeds, ...context }: AxisGraph) {
    const relations = nodes.flatMap((node) => axisRules[node.op](node, context))
    this.#reach(seeds, relations)
    for (const tensor of fixed) for (const axis of axesOf(tensor)) this.#pin({ tensor, axis })
    for (const relation of relations) this.#join(relation)
    for (const relation of relations) if (relation.kind === 'factors') this.#joinFactors(relation)
  }

  /** Tell an axis that hangs together with one of the seeds'. */
  has({ tensor, axis }: Place): boolean {
    return this.#bases.get(tensor)?.[axis] !== undefined
  }

  /** Class of a position; undefined for one that cannot be removed, and for axes that were not asked about. */
  classOf(at: Place, position: number): number | undefined {
    if (!this.has(at)) return undefined
    const root = this.#root(this.#element(at, position))
    return root === pinned ? undefined : root
  }

  /** Give the axes that hang together with those of the seeds their elements. */
  #reach(seeds: readonly Tensor[], relations: readonly Relation[]): void {
    const near = neighbours(relations)
    const queue: Place[] = seeds.flatMap((tensor) => axesOf(tensor).map((axis) => ({ tensor, axis })))
    for (let at = queue.pop(); at; at = queue.pop()) {
      if (this.has(at)) continue
      const bases = this.#bases.get(at.tensor) ?? []
      this.#bases.set(at.tensor, bases)
      bases[at.axis] = this.#parents.length
      const count = this.#count(at)
      for (let i = 0; i < count; i++) this.#parents.push(this.#parents.length)
      // A free size is not ours to change, and an axis of size 1 cannot lose anything.
      if (count === 1) this.#pin(at)
      queue.push(...(near.get(at.tensor)?.[at.axis] ?? []))
    }
  }

  #join(relation: Relation): void {
    if (relation.kind === 'fixed') this.#pin(relation.at)
    if (relation.kind === 'same') {
      const { one, other } = relation
      if (this.has(one)) for (let i = 0; i < this.#count(one); i++) this.#unite(one, i, other, i)
    }
    if (relation.kind === 'part') {
      const { whole, part, offset } = relation
      if (this.has(part)) for (let i = 0; i < this.#count(part); i++) this.#unite(whole, i + offset, part, i)
    }
  }

  #joinFactors({ whole, factors }: Extract<Relation, { kind: 'factors' }>): void {
    if (!this.has(whole)) return
    const chosen = this.#freePositions(whole) > 0 ? this.#shrinkingOf(factors) : undefined
    for (const factor of factors) if (factor !== chosen) this.#pin(factor)
    if (!chosen) {
      this.#pin(whole)
      return
    }
    const after = factors.slice(factors.indexOf(chosen) + 1)
    const inner = after.reduce((product, each) => product * sizeOf(each), 1)
    for (let i = 0; i < sizeOf(whole); i++)
      this.#unite(whole, i, chosen, Math.floor(i / inner) % sizeOf(chosen))
  }

  /** The factor that can shrink. */
  #shrinkingOf(factors: readonly Place[]): Place | undefined {
    const free = factors.filter((factor) => this.#freePositions(factor) > 0)
    return free.find((factor) => this.#freePositions(factor) === sizeOf(factor)) ?? free[0]
  }

  /** Number of positions of an axis that nothing fixes so far. */
  #freePositions(at: Place): number {
    let count = 0
    for (let i = 0; i < this.#count(at); i++) if (this.classOf(at, i) !== undefined) count++
    return count
  }

  #pin(at: Place): void {
    if (!this.has(at)) return
    for (let i = 0; i < this.#count(at); i++) this.#parents[this.#root(this.#element(at, i))] = pinned
  }

  #unite(one: Place, i: number, other: Place, j: number): void {
    const [a, b] = [this.#root(this.#element(one, i)), this.#root(this.#element(other, j))]
    // The smaller number is the root, and the class of what is pinned has the smallest.
    this.#parents[Math.max(a, b)] = Math.min(a, b)
  }

  /** Number of elements of an axis; a free size has one. */
  #count(at: Place): number {
    return isSymbolic(sizeOf(at)) ? 1 : sizeOf(at)
  }

  #element(at: Place, position: number): number {
    const base = this.#bases.get(at.tensor)![at.axis]!
    return isSymbolic(sizeOf(at)) ? base : base + position
  }

  #root(element: number): number {
    const parents = this.#parents
    let root = element
    while (parents[root] !== root) root = parents[root]!
    for (let next = element; parents[next] !== root; ) {
      const above = parents[next]!
      parents[next] = root
      next = above
    }
    return root
  }
}

const sizeOf = ({ tensor, axis }: Place): number => tensor.shape[axis]!

/** Other axes that a relation names with each axis. */
function neighbours(relations: readonly Relation[]): ReadonlyMap<Tensor, Place[][]> {
  const found = new Map<Tensor, Place[][]>()
  const link = ({ tensor, axis }: Place, other: Place) => {
    const axes = found.get(tensor) ?? []
    found.set(tensor, axes)
    axes[axis] ??= []
    axes[axis].push(other)
  }
  const linkBoth = (one: Place, other: Place) => {
    link(one, other)
    link(other, one)
  }
  for (const relation of relations) {
    if (relation.kind === 'same') linkBoth(relation.one, relation.other)
    if (relation.kind === 'part') linkBoth(relation.whole, relation.part)
    if (relation.kind === 'factors') for (const each of relation.factors) linkBoth(relation.whole, each)
  }
  return found
}
