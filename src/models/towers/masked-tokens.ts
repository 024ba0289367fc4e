import type { Tensor } from '../../graph/index.ts'

/** Tokens that a tower must not see: before its encoder they are replaced by one learned vector. */
export interface MaskedTokens {
  /** True where a token is hidden: bool [batch, tokens]. */
  readonly mask: Tensor
  /** What stands in its place: [width]. */
  readonly embedding: Tensor
}

/** Tokens [batch, tokens, width] with the embedding in place of the masked ones; without a mask as they are. */
export function replaceMasked(tokens: Tensor, masked: MaskedTokens | undefined): Tensor {
  if (!masked) return tokens
  const [batch, count, width] = tokens.shape as readonly [number, number, number]
  const embedding = masked.embedding.reshape([1, 1, width])
  return masked.mask.reshape([batch, count, 1]).where(embedding, tokens) // [batch, tokens, width]
}
