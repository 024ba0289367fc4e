import type { Operations } from './functional-clip.ts'
import type { Jax, JaxArray } from './jax-types.ts'

/** CLIP's operations in jax-js. They run while a function is traced only, so no use of an array is lost. */
export function jaxOperations({ numpy: np, nn }: Jax): Operations<JaxArray> {
  const square = (x: JaxArray) => np.square(x.ref)
  const unit = (x: JaxArray) => x.ref.div(np.sqrt(square(x).sum(-1, { keepdims: true })))
  return {
    reshape: (x, shape) => x.ref.reshape(shape),
    add: (a, b) => a.ref.add(b.ref),
    linear(x, weight, bias) {
      const product = np.matmul(x.ref, weight.ref.transpose())
      return bias ? product.add(bias.ref) : product
    },
    layerNorm(x, weight, bias, epsilon) {
      const centered = x.ref.sub(x.ref.mean(-1, { keepdims: true }))
      const deviation = np.sqrt(square(centered).mean(-1, { keepdims: true }).add(epsilon))
      return centered.ref.div(deviation).mul(weight.ref).add(bias.ref)
    },
    quickGelu: (x) => x.ref.mul(nn.sigmoid(x.ref.mul(1.702))),
    // Its own dotProductAttention needs what only Node 22 has.
    attention(queries, keys, values, causal) {
      const [, tokens, , width] = queries.shape as [number, number, number, number]
      const heads = (x: JaxArray) => x.ref.transpose([0, 2, 1, 3])
      const scores = np.matmul(heads(queries), keys.ref.transpose([0, 2, 3, 1])).mul(width ** -0.5)
      const masked = causal ? np.where(np.tri(tokens, tokens, 0, { dtype: 'bool' }), scores, -1e4) : scores
      return np.matmul(nn.softmax(masked), heads(values)).transpose([0, 2, 1, 3])
    },
    embed: (table, indices) => np.take(table.ref, indices.ref, 0),
    patches(pixels, patch) {
      const [batch, channels, size] = pixels.shape as [number, number, number, number]
      const side = Math.floor(size / patch)
      return pixels.ref
        .reshape([batch, channels, side, patch, side, patch])
        .transpose([0, 2, 4, 1, 3, 5])
        .reshape([batch, side * side, channels * patch * patch])
    },
    prepend(vector, tokens) {
      const [batch, , width] = tokens.shape as [number, number, number]
      const first = np.broadcastTo(vector.ref.reshape([1, 1, width]), [batch, 1, width])
      return np.concatenate([first, tokens.ref], 1)
    },
    first: (tokens) => tokens.ref.slice([], 0),
    select(tokens, positions) {
      const [batch, length] = positions.shape as [number, number]
      return tokens.ref.mul(positions.ref.reshape([batch, length, 1])).sum(1)
    },
    contrastiveLoss(images, texts, logScale) {
      const batch = images.shape[0]!
      const logits = np.matmul(unit(images), unit(texts).transpose()).mul(np.exp(logScale.ref))
      const right = logits.ref.mul(np.eye(batch)).sum().div(batch)
      const byImage = nn.logsumexp(logits.ref, 1).mean()
      return byImage.add(nn.logsumexp(logits.ref, 0).mean()).div(2).sub(right)
    },
  }
}
