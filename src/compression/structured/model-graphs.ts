import type { ModelDescription } from '../../deploy/index.ts'
import { type SymbolicSize, shrink, type Tensor } from '../../graph/index.ts'
import { type Families, familyOf } from '../../models/index.ts'
import { namedParameters } from '../../nn/index.ts'

/** All graphs that a model is written as, from weights as they are stored. */
export interface ModelGraphs {
  /** Outputs under `graph/output`. */
  readonly outputs: Readonly<Record<string, Tensor>>
  /** Sizes that stay free, by graph. */
  readonly symbolicSizes: Readonly<Record<string, readonly SymbolicSize[]>>
}

/** The graphs of a model, as an export would write them. */
export function graphsOf({ model, tokenizer }: ModelDescription, families?: Families): ModelGraphs {
  namedParameters(model) // gives the leaves of the graphs their names
  const graphs = Object.entries(familyOf(model.config.model_type, families).graphs(model, tokenizer))
  const outputs = graphs.flatMap(([graph, exported]) =>
    Object.entries(exported.outputs).map(([name, tensor]) => [`${graph}/${name}`, tensor] as const),
  )
  return {
    outputs: shrink(Object.fromEntries(outputs)),
    symbolicSizes: Object.fromEntries(graphs.map(([graph, { symbolicSizes }]) => [graph, symbolicSizes])),
  }
}

/** The outputs of each graph. */
export function outputsByGraph({
  outputs,
  symbolicSizes,
}: ModelGraphs): ReadonlyMap<string, readonly Tensor[]> {
  const named = Object.entries(outputs)
  return new Map(
    Object.keys(symbolicSizes).map((graph) => [
      graph,
      named.flatMap(([name, tensor]) => (name.startsWith(`${graph}/`) ? [tensor] : [])),
    ]),
  )
}
