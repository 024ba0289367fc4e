import { sameShape } from '../../core/index.ts'
import type { ModelDescription } from '../../deploy/index.ts'
import { input, residualBlock, sameGraph, substitute, type Tensor } from '../../graph/index.ts'
import type { Families, Model, ModelConfig } from '../../models/index.ts'
import { namedParameters, type Parameter } from '../../nn/index.ts'
import { type ConfigNumber, modelOf, numbersOf, withNumber } from './config-trials.ts'
import { graphsOf, outputsByGraph } from './model-graphs.ts'

/** A numbered list of equal layers, any of which can be removed but one. */
export interface LayerStack {
  /** Path of the list, such as `vision_model.encoder.layers`. */
  readonly path: string
  readonly depth: number
  /** The number of the config that says how many there are. */
  readonly number: ConfigNumber['path']
}

/**
 * The stacks of layers on a residual stream whose number the config says. That it does is seen from its graphs: with one
 * layer less they are those without the first layer, node by node.
 */
export function removableStacks(description: ModelDescription, families?: Families): LayerStack[] {
  const { pruned: _, ...config } = description.model.config
  const whole = { ...description, model: modelOf(config, families)! }
  return numberedLists(namedParameters(whole.model)).flatMap(({ path, depth }) => {
    const shorter = numbersOf(config).find(({ path: number, value }) => {
      const model = value === depth ? modelOf(withNumber(config, number, depth - 1), families) : undefined
      return model && isWithoutFirst(whole, { ...description, model }, path, families)
    })
    return shorter ? [{ path, depth, number: shorter.path }] : []
  })
}

/** Name of a parameter in a stack that has lost the layers before it; undefined for one of a layer that is gone. */
export function renamed(name: string, path: string, removed: ReadonlySet<number>): string | undefined {
  const [index, rest] = placeIn(name, path) ?? []
  if (index === undefined) return name
  if (removed.has(index)) return undefined
  const before = [...removed].filter((other) => other < index).length
  return `${path}.${index - before}.${rest}`
}

/** Config and names of a model without some layers. */
export function withoutLayers(
  config: ModelConfig,
  { path, depth, number }: LayerStack,
  removed: ReadonlySet<number>,
): ModelConfig {
  const { pruned, ...shorter } = withNumber(config, number, depth - removed.size)
  const left = Object.entries(pruned ?? {}).flatMap(([name, axes]) => {
    const now = renamed(name, path, removed)
    return now === undefined ? [] : [[now, axes] as const]
  })
  return left.length > 0 ? { ...shorter, pruned: Object.fromEntries(left) } : shorter
}

/** The leaves of a layer. */
export const leavesOf = (model: Model, path: string, index: number): Tensor[] =>
  [...namedParameters(model)].flatMap(([name, { leaf }]) =>
    placeIn(name, path)?.[0] === index ? [leaf] : [],
  )

/** Index of the layer of a parameter, and its name in it. */
function placeIn(name: string, path: string): readonly [number, string] | undefined {
  if (!name.startsWith(`${path}.`)) return undefined
  const [index, ...rest] = name.slice(path.length + 1).split('.')
  return /^\d+$/.test(index!) ? [Number(index), rest.join('.')] : undefined
}

/** Lists of several parts with parameters of the same names and shapes. */
function numberedLists(parameters: ReadonlyMap<string, Parameter>): { path: string; depth: number }[] {
  const paths = new Set<string>()
  for (const name of parameters.keys())
    for (const { index } of name.matchAll(/\.\d+\./g)) paths.add(name.slice(0, index))
  return [...paths].flatMap((path) => {
    const layers: Map<string, readonly number[]>[] = []
    for (const [name, { shape }] of parameters) {
      const [index, rest] = placeIn(name, path) ?? []
      if (index === undefined || rest === undefined) continue
      const layer = layers[index] ?? new Map<string, readonly number[]>()
      layers[index] = layer
      layer.set(rest, shape)
    }
    return layers.length > 1 && layers.every((layer) => isAlike(layer, layers[0]!))
      ? [{ path, depth: layers.length }]
      : []
  })
}

const isAlike = (
  layer: ReadonlyMap<string, readonly number[]> | undefined,
  first: ReadonlyMap<string, readonly number[]>,
): boolean =>
  layer?.size === first.size && [...layer].every(([name, shape]) => sameShape(shape, first.get(name) ?? []))

/** Tell if a model's graphs are another's without the first layer of a list, whose others move up. */
function isWithoutFirst(
  whole: ModelDescription,
  shorter: ModelDescription,
  path: string,
  families: Families | undefined,
): boolean {
  const removed = new Set([0])
  const first = leavesOf(whole.model, path, 0)
  const graphs = graphsOf(whole, families)
  const cuts = new Map<Tensor, Tensor>()
  for (const outputs of outputsByGraph(graphs).values()) {
    const block = residualBlock(outputs, first)
    if (block) cuts.set(block.exit, block.entry)
  }
  if (cuts.size === 0) return false
  const moved = [...namedParameters(whole.model)].flatMap(([name, { leaf, shape }]) => {
    const now = renamed(name, path, removed)
    return now === undefined || now === name ? [] : [[leaf, input(now, shape)] as const]
  })
  const cut = substitute(graphs.outputs, cuts)
  return sameGraph(substitute(cut, new Map(moved)), graphsOf(shorter, families).outputs)
}
