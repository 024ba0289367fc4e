import { type HostArray, int64, type Shape, sameShape, sizeOf } from '../core/index.ts'
import { AxisClasses } from './axes/axis-classes.ts'
import { axesOf, type Place } from './axes/relation.ts'
import { weightsInAnyLayout } from './axes/weight-layout.ts'
import { type Restored, restore, restoredFrom } from './functions/restore.ts'
import { constantValue } from './rewrites/rule.ts'
import { applyNode, constant, type Node, type Region, type Tensor } from './tensor.ts'
import { topologicalOrder } from './traverse.ts'

type Outputs = Readonly<Record<string, Tensor>>

/**
 * The same outputs from smaller tensors: weights that were restored (see `restore`) are read at the sizes that they are
 * stored in, and everything between them shrinks with them. What cannot shrink stays as it is, at its full size.
 */
export function shrink<Result extends Outputs>(outputs: Result): Result {
  const restored = restoredTensors(topologicalOrder(Object.values(outputs)))
  if (restored.size === 0) return outputs
  const own = new Set([...restored.keys()].map(({ node }) => node))
  const nodes = topologicalOrder(Object.values(outputs), own)
  const weights = weightsInAnyLayout(restored.keys(), nodes)
  const classes = new AxisClasses({
    nodes,
    isWeight: (tensor) => weights.has(tensor),
    fixed: Object.values(outputs),
    seeds: [...restored.keys()],
  })
  return new Shrinking(classes, restored).outputs(outputs, nodes)
}

function restoredTensors(nodes: readonly Node[]): ReadonlyMap<Tensor, Restored> {
  const found = new Map<Tensor, Restored>()
  for (const { op, outputs } of nodes) {
    const restored = op === 'gather' ? restoredFrom(outputs[0]) : undefined
    if (restored) found.set(outputs[0], restored)
  }
  return found
}

/** A copy of a graph whose tensors lack some positions. */
class Shrinking {
  readonly #classes: AxisClasses
  readonly #restored: ReadonlyMap<Tensor, Restored>
  readonly #removed: ReadonlySet<number>
  readonly #copies = new Map<Tensor, Tensor>()
  readonly #regions = new Map<Region, { inputs: readonly Tensor[]; nodes: Node[] }>()

  constructor(classes: AxisClasses, restored: ReadonlyMap<Tensor, Restored>) {
    this.#classes = classes
    this.#restored = restored
    this.#removed = removedClasses(classes, restored)
  }

  outputs<Result extends Outputs>(outputs: Result, nodes: readonly Node[]): Result {
    if (this.#removed.size === 0) return outputs
    for (const [tensor, from] of this.#restored) this.#copies.set(tensor, this.#weight(tensor, from))
    for (const node of nodes) this.#replay(node)
    const copies = Object.entries(outputs).map(([name, tensor]) => [name, this.#copyOf(tensor)])
    return Object.fromEntries(copies) as unknown as Result
  }

  #copyOf(tensor: Tensor): Tensor {
    return this.#copies.get(tensor) ?? tensor
  }

  /** Positions of an axis that are left; undefined where all are. */
  #left(at: Place): readonly number[] | undefined {
    if (!this.#classes.has(at)) return undefined
    const all = Array.from({ length: at.tensor.shape[at.axis]! }, (_, i) => i)
    const left = all.filter((i) => !this.#removed.has(this.#classes.classOf(at, i) ?? 0))
    return left.length < all.length ? left : undefined
  }

  #shapeOf(tensor: Tensor): Shape {
    return tensor.shape.map((size, axis) => this.#left({ tensor, axis })?.length ?? size)
  }

  /** The weight as it is stored, but for axes that do not shrink. */
  #weight(tensor: Tensor, { source, kept }: Restored): Tensor {
    let weight = source
    for (const [axis, places] of kept) {
      const left = this.#left({ tensor, axis }) ?? Array.from({ length: tensor.shape[axis]! }, (_, i) => i)
      if (left.length === places.length) continue
      const still = new Set(places)
      weight = restore(
        weight,
        axis,
        left.flatMap((place, i) => (still.has(place) ? [i] : [])),
        left.length,
      )
    }
    return weight
  }

  #replay(node: Node): void {
    const inputs = node.inputs.map((input) => this.#copyOf(input))
    if (inputs.length === 0) {
      this.#copies.set(node.outputs[0], this.#leaf(node.outputs[0]))
      return
    }
    const isSmaller = () => node.outputs.some((y) => !sameShape(this.#shapeOf(y), y.shape))
    const isChanged = node.region || inputs.some((input, i) => input !== node.inputs[i]) || isSmaller()
    if (!isChanged) return
    const copy = applyNode(node.op, inputs, this.#attributes(node) as never) as unknown as Node
    node.outputs.forEach((output, i) => {
      this.#copies.set(output, copy.outputs[i]!)
    })
    if (node.region) this.#addTo(node.region, copy)
  }

  /** The positions that are left of a constant, or of what is fed. */
  #leaf(tensor: Tensor): Tensor {
    let left = tensor
    for (const axis of axesOf(tensor)) {
      const places = this.#left({ tensor, axis })
      if (places) left = left.gather(constant(int64([places.length], places)), axis)
    }
    const value = left === tensor ? undefined : constantValue(tensor)
    return value
      ? constant(taken(value, this.#shapeOf(tensor), (axis) => this.#left({ tensor, axis })))
      : left
  }

  #attributes(node: Node): object {
    const [x] = node.inputs as readonly [Tensor]
    const [y] = node.outputs
    if (node.op === 'reshape' || node.op === 'expand') return { shape: this.#shapeOf(y) }
    if (node.op === 'split') {
      const { axis } = node.attributes as { axis: number }
      return { axis, sizes: node.outputs.map((part) => this.#shapeOf(part)[axis]!) }
    }
    if (node.op !== 'slice') return node.attributes
    const { starts, ends, steps } = node.attributes as Record<'starts' | 'ends' | 'steps', readonly number[]>
    const firsts = starts.map((start, axis) => {
      const left = this.#left({ tensor: x, axis })
      return left ? left.filter((position) => position < start).length : start
    })
    const isWhole = (axis: number) =>
      this.#left({ tensor: x, axis }) === undefined && this.#left({ tensor: y, axis }) === undefined
    const sizes = this.#shapeOf(y)
    return { starts: firsts, ends: ends.map((end, i) => (isWhole(i) ? end : firsts[i]! + sizes[i]!)), steps }
  }

  /** A copy of a part that is computed again in the backward pass. */
  #addTo(region: Region, node: Node): void {
    const inputs = region.inputs.map((input) => this.#copyOf(input))
    const copy = this.#regions.get(region) ?? { inputs, nodes: [] }
    this.#regions.set(region, copy)
    copy.nodes.push(node)
    node.region = copy
  }
}

/** The classes that are zero in every weight that has them. */
function removedClasses(classes: AxisClasses, restored: ReadonlyMap<Tensor, Restored>): Set<number> {
  const removed = new Set<number>()
  const left = new Set<number>()
  for (const [tensor, { kept }] of restored) {
    for (const axis of axesOf(tensor)) {
      const places = kept.get(axis) && new Set(kept.get(axis))
      for (let i = 0; i < tensor.shape[axis]!; i++) {
        const found = classes.classOf({ tensor, axis }, i)
        if (found !== undefined) (places?.has(i) === false ? removed : left).add(found)
      }
    }
  }
  for (const each of left) removed.delete(each)
  return removed
}

/** The values of an array at the positions that are left of each axis. */
function taken(
  { data, dtype, shape }: HostArray,
  to: Shape,
  leftOf: (axis: number) => readonly number[] | undefined,
): HostArray {
  const places = shape.map((_, axis) => leftOf(axis))
  const values = data.slice(0, sizeOf(to))
  for (let i = 0; i < values.length; i++) {
    let [rest, stride, from] = [i, 1, 0]
    for (let axis = to.length - 1; axis >= 0; axis--) {
      const position = rest % to[axis]!
      from += (places[axis]?.[position] ?? position) * stride
      rest = Math.floor(rest / to[axis]!)
      stride *= shape[axis]!
    }
    values[i] = data[from]!
  }
  return { dtype, shape: to, data: values } as HostArray
}
