import { checkpoint, type Tensor } from '../graph/index.ts'
import { matchPattern } from '../optim/index.ts'

/**
 * Which layers of the towers are computed again in the backward pass (gradient checkpointing: less memory, more time):
 * all, none, or those whose path one of the patterns matches, such as `vision_model.*` or `*.layers.0`.
 */
export type Recompute = boolean | readonly string[]

interface Depth {
  readonly num_hidden_layers: number
}

/** How the layers of each tower are applied. @throws ConfigError `optim/pattern` for a pattern without a layer. */
export function layerWraps(recompute: Recompute, towers: { text_config: Depth; vision_config: Depth }) {
  const { text_config: text, vision_config: vision } = towers
  const paths = [...pathsOf('text_model', text), ...pathsOf('vision_model', vision)]
  const patterns = typeof recompute === 'boolean' ? [] : recompute
  const chosen = new Set(
    recompute === true ? paths : patterns.flatMap((pattern) => matchPattern(pattern, paths, 'layer')),
  )
  const wrapOf = (tower: string) => (layer: (x: Tensor) => Tensor, x: Tensor, index: number) =>
    chosen.has(pathOf(tower, index)) ? checkpoint(layer, x) : layer(x)
  return { text: wrapOf('text_model'), vision: wrapOf('vision_model') }
}

const pathOf = (tower: string, index: number): string => `${tower}.encoder.layers.${index}`

const pathsOf = (tower: string, { num_hidden_layers }: Depth): string[] =>
  Array.from({ length: num_hidden_layers }, (_, index) => pathOf(tower, index))
