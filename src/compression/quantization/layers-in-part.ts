import { ConfigError } from '../../core/index.ts'
import { weightedGraphs } from '../../deploy/index.ts'
import type { Subject, Tools, WeightedGraph } from '../method.ts'
import { productsOf } from './products.ts'
import { tablesIn } from './table-codes.ts'

/**
 * Layers of a model whose products can be quantized, in all its graphs.
 * @throws ConfigError `compression/nothing` for a model without products with matrices.
 */
export function layersIn(subject: Subject, tools: Tools): string[] {
  const layers = distinct(subject, tools, (graph) => productsOf(graph).map(({ layer }) => layer))
  if (layers.length > 0) return layers
  throw new ConfigError('compression/nothing', 'the model has no product of activations with a matrix', {})
}

/** Tables of a model whose rows are gathered, by the names of their layers. */
export const tablesOf = (subject: Subject, tools: Tools): string[] => distinct(subject, tools, tablesIn)

/** Names that a function finds in the graphs of a model. */
function distinct(
  { bundle: { model, weights, tokenizer }, passes }: Subject,
  { families }: Tools,
  find: (graph: WeightedGraph) => readonly string[],
): string[] {
  const graphs = [...weightedGraphs(model, weights, tokenizer, { families, passes })]
  return [...new Set(graphs.flatMap(([, graph]) => find(graph)))]
}

/** Layers by the part of the model that a scan leaves out as one: `….layers.0.mlp` has `fc1` and `fc2`. */
export function layersByPart(layers: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const parts = new Map<string, string[]>()
  for (const layer of layers) {
    const segments = layer.split('.')
    const part = segments.length > 2 ? segments.slice(0, -1).join('.') : layer
    parts.set(part, [...(parts.get(part) ?? []), layer])
  }
  return parts
}
