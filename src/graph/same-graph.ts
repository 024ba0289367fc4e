import { rewrite } from './rewrite.ts'
import { constantValue } from './rewrites/rule.ts'
import type { Node, Tensor } from './tensor.ts'
import { topologicalOrder } from './traverse.ts'
import { unpackRows } from './unpack-rows.ts'

type Outputs = Readonly<Record<string, Tensor>>

/**
 * Tell two graphs that compute the same from leaves of the same names: node by node, after `rewrite`. Graphs that compute
 * the same in another way are not told.
 */
export function sameGraph(one: Outputs, other: Outputs): boolean {
  const numbers = new Map<string, number>()
  const [a, b] = [one, other].map((outputs) => namesOf(rewrite(unpackRows(outputs)), numbers))
  const names = Object.keys(a!)
  return names.length === Object.keys(b!).length && names.every((name) => a![name] === b![name])
}

/** A name for each output; equal values have equal names. */
function namesOf(outputs: Outputs, numbers: Map<string, number>): Record<string, string> {
  const known = new Map<Node, number>()
  for (const node of topologicalOrder(Object.values(outputs))) {
    const key = keyOf(node, (input) => `${known.get(input.node)}:${input.index}`)
    const number = numbers.get(key) ?? numbers.size
    numbers.set(key, number)
    known.set(node, number)
  }
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { node, index }]) => [name, `${known.get(node)}:${index}`]),
  )
}

function keyOf({ op, inputs, attributes, outputs }: Node, numberOf: (input: Tensor) => string): string {
  const shapes = outputs.map(({ shape, dtype }) => `${dtype}[${shape}]`)
  if (op === 'reshape' || op === 'expand') return `${op}(${inputs.map(numberOf)})${shapes}`
  const value = op === 'constant' ? constantValue(outputs[0]) : undefined
  const rest = value ? [...(value.data as Float32Array)].map(String).join() : JSON.stringify(attributes)
  return `${op}(${inputs.map(numberOf)})${shapes}${rest}`
}
