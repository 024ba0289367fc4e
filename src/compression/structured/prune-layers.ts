import type { Bundle } from '../../deploy/index.ts'
import { residualBlock, type Tensor } from '../../graph/index.ts'
import { buildModel, type Families } from '../../models/index.ts'
import { type LayerStack, leavesOf, removableStacks, renamed, withoutLayers } from './layer-stacks.ts'
import { graphsOf, type ModelGraphs, outputsByGraph } from './model-graphs.ts'
import type { Unit } from './prunable-units.ts'
import type { Candidates } from './score.ts'

/** The layers of a model, and the graphs that they were found in. */
export interface FoundLayers {
  readonly graphs: ModelGraphs
  readonly stacks: readonly LayerStack[]
  /** The layers of each stack, for a choice by importance. */
  readonly sets: readonly Candidates[]
}

/** Find the layers that can be removed of a model. */
export function findLayers(bundle: Bundle, families?: Families): FoundLayers {
  const stacks = removableStacks(bundle, families)
  const graphs = graphsOf(bundle, families)
  return { graphs, stacks, sets: stacks.map((stack) => candidatesOf(bundle, stack, graphs)) }
}

function candidatesOf(
  { model, weights }: Bundle,
  { path, depth }: LayerStack,
  graphs: ModelGraphs,
): Candidates {
  const indices = Array.from({ length: depth }, (_, i) => i)
  const units = indices.map(
    (index): Unit =>
      [...weights].flatMap(([parameter, { shape }]) => {
        const positions = Array.from({ length: shape[0] ?? 0 }, (_, i) => i)
        return parameter.startsWith(`${path}.${index}.`) ? [{ parameter, axis: 0, positions }] : []
      }),
  )
  return {
    path,
    units,
    probes: indices.flatMap((index) => changesBy(graphs, leavesOf(model, path, index), index)),
  }
}

/** Relative change by a layer of what it is given, mean|exit − entry| / mean|entry|, in each graph. */
function changesBy(graphs: ModelGraphs, leaves: readonly Tensor[], index: number): Candidates['probes'] {
  return [...outputsByGraph(graphs).values()].flatMap((outputs) => {
    const block = residualBlock(outputs, leaves)
    if (!block) return []
    const { entry, exit } = block
    const value = exit.sub(entry).abs().mean().div(entry.abs().mean()).reshape([1])
    return [{ at: exit, value, units: [index] }]
  })
}

/**
 * A model without some of its layers.
 * @param removed Indices of the layers by stack.
 */
export function withoutSomeLayers(
  { model, weights, tokenizer, image, dtype }: Bundle,
  stacks: readonly LayerStack[],
  removed: readonly (readonly number[])[],
  families?: Families,
): Bundle {
  let [config, left] = [model.config, weights]
  stacks.forEach((stack, i) => {
    const gone = new Set(removed[i])
    config = withoutLayers(config, stack, gone)
    left = new Map(
      [...left].flatMap(([name, array]) => {
        const now = renamed(name, stack.path, gone)
        return now === undefined ? [] : [[now, array] as const]
      }),
    )
  })
  return { model: buildModel(config, { families }), weights: left, tokenizer, image, ...(dtype && { dtype }) }
}
