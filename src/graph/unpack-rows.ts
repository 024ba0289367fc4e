import type { HostArray } from '../core/index.ts'
import { applyNode, type Node, type Tensor } from './tensor.ts'
import { topologicalOrder } from './traverse.ts'

type Outputs = Readonly<Record<string, Tensor>>

/** The nodes that pack rows. */
export const packings = (nodes: readonly Node[]): Node<'packRows'>[] =>
  nodes.filter((node) => node.op === 'packRows') as unknown as Node<'packRows'>[]

/** The same outputs from a graph with fixed sizes, in which padding is computed like every other row. */
export const unpackRows = (outputs: Outputs): Outputs =>
  withRows(
    outputs,
    ({ inputs: [x] }) => x.shape[0]!,
    ({ op, inputs }) => (op === 'packRows' || op === 'padRows' ? inputs[0] : undefined),
  )

/** A copy of the graph whose shapes show `count` packed rows, for reckoning its operations. */
export const showRows = (outputs: Outputs, count: number): Outputs => withRows(outputs, () => count)

/** A copy with numbers in place of the primes of packed rows, and with some nodes replaced by one of their inputs. */
function withRows(
  outputs: Outputs,
  rowsOf: (packing: Node<'packRows'>) => number,
  replace: (node: Node) => Tensor | undefined = () => undefined,
): Outputs {
  const order = topologicalOrder(Object.values(outputs))
  const sizes = new Map(packings(order).map((node) => [node.attributes.rows, rowsOf(node)]))
  if (sizes.size === 0) return outputs
  const copies = new Map<Tensor, Tensor>()
  const copyOf = (tensor: Tensor) => copies.get(tensor) ?? tensor
  for (const node of order) {
    const replaced = replace(node)
    if (replaced) copies.set(node.outputs[0], copyOf(replaced))
    else {
      const copy = applyNode(node.op, node.inputs.map(copyOf), sized(node.attributes, sizes))
      node.outputs.forEach((output, i) => {
        if (node.op !== 'input') copies.set(output, copy.outputs[i]!)
      })
    }
  }
  return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, copyOf(tensor)]))
}

type Sizes = ReadonlyMap<number, number>

/** Attributes of a node with other sizes: lists of numbers, and the integers of constants. */
function sized<Attributes extends object>(attributes: Attributes, sizes: Sizes): Attributes {
  const entries = Object.entries(attributes).map(([key, value]) => {
    if (key === 'rows') return [key, sizes.get(value as number) ?? value]
    if (key === 'value') return [key, sizedConstant(value as HostArray, sizes)]
    return [key, Array.isArray(value) ? value.map((size: number) => sizedNumber(size, sizes)) : value]
  })
  return Object.fromEntries(entries) as Attributes
}

function sizedConstant(value: HostArray, sizes: Sizes): HostArray {
  if (value.dtype !== 'int64') return value
  const data = (value.data as BigInt64Array).map((size) => BigInt(sizedNumber(Number(size), sizes)))
  return { ...value, data }
}

function sizedNumber(size: number, sizes: Sizes): number {
  let result = size
  for (const [prime, count] of sizes) {
    while (result !== 0 && result % prime === 0) result = (result / prime) * count
  }
  return result
}
