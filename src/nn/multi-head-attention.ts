import type { PackedRows, Tensor } from '../graph/index.ts'

/** Options of attention among the tokens. */
export interface Seeing {
  /** Mask added to the scores, broadcastable to [batch, heads, asking, tokens]. Default: all tokens are seen. */
  readonly mask?: Tensor | undefined
  /** Packing of the tokens, which then are [rows, width] in place of [batch, tokens, width]. Default: none. */
  readonly packed?: PackedRows | undefined
  /** Dropout of what attention and MLP add to the tokens. Default: none. */
  readonly drop?: ((added: Tensor) => Tensor) | undefined
  /** Dropout of the weights of attention. Default: none. */
  readonly dropWeights?: ((weights: Tensor) => Tensor) | undefined
}

/** Tokens that ask, and the tokens that they attend to, each [batch, tokens, width] or packed [rows, width]. */
export interface Projections {
  readonly queries: Tensor
  readonly keys: Tensor
  readonly values: Tensor
}

/**
 * Multi-head attention (Vaswani et al. 2017) of projected tokens: softmax(q·kᵀ/√d + mask)·v for each head.
 * @returns The attended values of all heads side by side, in the form of the queries.
 */
export function multiHeadAttention(
  { queries, keys, values }: Projections,
  heads: number,
  { mask, packed, dropWeights = (weights) => weights }: Seeing = {},
): Tensor {
  const width = queries.shape.at(-1)!
  const headWidth = width / heads
  const split = (y: Tensor) => {
    const rows = packed && y.rank === 2 ? packed.pad(y) : y // [batch, tokens, width]
    const [batch, tokens] = rows.shape as readonly [number, number, number]
    return rows.reshape([batch, tokens, heads, headWidth]).transpose([0, 2, 1, 3]) // [batch, heads, tokens, headWidth]
  }
  const [q, k, v] = [split(queries), split(keys), split(values)] as const
  const scores = q.matmul(k, { transposeB: true, scale: headWidth ** -0.5 }) // [batch, heads, asking, tokens]
  const weights = dropWeights((mask ? scores.add(mask) : scores).softmax())
  const mixed = weights.matmul(v).transpose([0, 2, 1, 3]) // [batch, asking, heads, headWidth]
  const joined = mixed.reshape([...mixed.shape.slice(0, 2), width])
  return packed && queries.rank === 2 ? packed.pack(joined) : joined
}
