import type { Tensor } from '../../graph/index.ts'

/** Tokens that are hidden from a tower: one learned vector replaces them before its encoder. */
export interface MaskedTokens {
  /** True where a token is hidden: bool [batch, tokens]. */
  readonly mask: Tensor
  /** Vector in place of a hidden token: [width]. */
  readonly embedding: Tensor
}

/** Patches that a tower reads; the others are left out before it, and cost nothing (He et al. 2022). */
export interface VisiblePatches {
  /** Places of the patches, row by row of the image: [batch, visible] int64. */
  readonly visible: Tensor
}

/** Tokens [batch, tokens, width] with the embedding in place of the masked ones; unchanged without a mask. */
export function replaceMasked(tokens: Tensor, masked: MaskedTokens | undefined): Tensor {
  if (!masked) return tokens
  const [batch, count, width] = tokens.shape as readonly [number, number, number]
  const embedding = masked.embedding.reshape([1, 1, width])
  return masked.mask.reshape([batch, count, 1]).where(embedding, tokens) // [batch, tokens, width]
}
