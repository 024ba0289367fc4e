import { ConfigError } from '../../core/index.ts'
import { weightedGraphs } from '../../deploy/index.ts'
import type { Subject, Tools } from '../method.ts'
import { productsOf } from './products.ts'

/**
 * Layers of a model whose products can be quantized, in all its graphs.
 * @throws ConfigError `compression/nothing` for a model without products with matrices.
 */
export function layersIn({ bundle: { model, weights, tokenizer }, passes }: Subject, { families }: Tools): string[] {
  const graphs = [...weightedGraphs(model, weights, tokenizer, { families, passes })]
  const layers = [...new Set(graphs.flatMap(([, graph]) => productsOf(graph).map(({ layer }) => layer)))]
  if (layers.length > 0) return layers
  throw new ConfigError('compression/nothing', 'the model has no product of activations with a matrix', {})
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
