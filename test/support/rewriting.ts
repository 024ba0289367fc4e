import { expect } from 'vitest'
import { float32, type HostArray, random, sizeOf } from '../../src/core/index.ts'
import { gradients, type OpName, rewrite, type Tensor, topologicalOrder } from '../../src/graph/index.ts'
import { evaluate } from './evaluate.ts'

/** How often each op occurs in the graph of the outputs. */
export function countOps(outputs: Readonly<Record<string, Tensor>>): Partial<Record<OpName, number>> {
  const counts: Partial<Record<OpName, number>> = {}
  for (const { op } of topologicalOrder(Object.values(outputs))) counts[op] = (counts[op] ?? 0) + 1
  return counts
}

/** The ops that are left of `y` after rewriting, leaves not counted. */
export function opsAfterRewriting(y: Tensor): Partial<Record<OpName, number>> {
  const { input: _, constant: __, ...rest } = countOps(rewrite({ y }))
  return rest
}

/** Run y and its gradients as built and as rewritten, on random numbers: they must agree to rounding. */
export async function expectUnchanged(y: Tensor): Promise<void> {
  const leaves = topologicalOrder([y])
    .filter(({ op }) => op === 'input')
    .map(({ outputs }) => outputs[0]!)
  const found = gradients(y, leaves, y.square().add(1))
  const outputs = { y, ...Object.fromEntries(found.map((gradient, i) => [`gradient${i}`, gradient])) }
  const feeds = Object.fromEntries(leaves.map((leaf) => [nameOf(leaf), numbers(leaf)]))
  const before = await evaluate(outputs, feeds, { rewritten: false })
  const after = await evaluate(outputs, feeds)
  for (const [name, values] of Object.entries(before)) {
    const scale = Math.max(1e-3, ...values.map(Math.abs))
    values.forEach((value, i) => {
      expect(Math.abs(after[name]![i]! - value), `${name}[${i}]`).toBeLessThan(1e-5 * scale)
    })
  }
}

const nameOf = (leaf: Tensor): string => (leaf.node.attributes as { name: string }).name

function numbers(leaf: Tensor): HostArray {
  const stream = random(7, nameOf(leaf))
  return float32(
    leaf.shape,
    Array.from({ length: sizeOf(leaf.shape) }, () => stream.normal()),
  )
}
