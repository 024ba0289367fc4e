import type { Operations } from './functional-clip.ts'
import type { Tensor, TensorFlow } from './tfjs-types.ts'

/** CLIP's operations in TensorFlow.js. */
export function tfjsOperations(tf: TensorFlow): Operations<Tensor> {
  const unit = (x: Tensor) => x.div(x.square().sum(-1, true).sqrt())
  // Its fast kernel takes plain matrices only: asked to transpose, it falls back to one ten times as slow. (Its
  // fused product with a bias, transposing, adds the wrong elements of the bias.)
  const linear = tf.customGrad((x, weight, save) => {
    save([x, weight])
    return {
      value: tf.matMul(x, weight.transpose()),
      gradFunc: (dy, [x, weight]) => [tf.matMul(dy, weight!), tf.matMul(dy.transpose(), x!)],
    }
  })
  return {
    reshape: (x, shape) => x.reshape(shape),
    add: (a, b) => a.add(b),
    linear: (x, weight, bias) => (bias ? linear(x, weight).add(bias) : linear(x, weight)),
    layerNorm(x, weight, bias, epsilon) {
      const centered = x.sub(x.mean(-1, true))
      const deviation = centered.square().mean(-1, true).add(epsilon).rsqrt()
      return centered.mul(deviation).mul(weight).add(bias)
    },
    quickGelu: (x) => x.mul(x.mul(1.702).sigmoid()),
    attention(queries, keys, values, causal) {
      const [, tokens, , width] = queries.shape as [number, number, number, number]
      const heads = (x: Tensor) => x.transpose([0, 2, 1, 3])
      const scores = tf.matMul(heads(queries), heads(keys), false, true).mul(width ** -0.5)
      const masked = causal ? scores.add(causalMask(tf, tokens)) : scores
      return heads(tf.matMul(masked.softmax(), heads(values)))
    },
    embed(table, indices) {
      const rows = indices.reshape([-1, 1])
      const shape = [...indices.shape, table.shape[1]!]
      // Its own gradient of a gather needs a kernel that is not there.
      const gather = tf.customGrad((table) => ({
        value: tf.gather(table, rows.reshape([-1])),
        gradFunc: (dy) => [tf.scatterND(rows, dy, table.shape)],
      }))
      return gather(table).reshape(shape)
    },
    patches(pixels, patch) {
      const [batch, channels, size] = pixels.shape as [number, number, number, number]
      const side = Math.floor(size / patch)
      return pixels
        .reshape([batch, channels, side, patch, side, patch])
        .transpose([0, 2, 4, 1, 3, 5])
        .reshape([batch, side * side, channels * patch * patch])
    },
    prepend(vector, tokens) {
      const [batch, , width] = tokens.shape as [number, number, number]
      return tf.concat([vector.reshape([1, 1, width]).tile([batch, 1, 1]), tokens], 1)
    },
    first(tokens) {
      const [batch, , width] = tokens.shape as [number, number, number]
      return tokens.slice([0, 0, 0], [batch, 1, width]).reshape([batch, width])
    },
    select(tokens, positions) {
      const [batch, length, width] = tokens.shape as [number, number, number]
      return tf.matMul(positions.reshape([batch, 1, length]), tokens).reshape([batch, width])
    },
    contrastiveLoss(images, texts, logScale) {
      const batch = images.shape[0]!
      const logits = tf.matMul(unit(images), unit(texts), false, true).mul(logScale.exp())
      const right = logits.mul(tf.eye(batch)).sum().div(batch)
      return logits.logSumExp(1).mean().add(logits.logSumExp(0).mean()).div(2).sub(right)
    },
  }
}

function causalMask(tf: TensorFlow, tokens: number): Tensor {
  const values = Float32Array.from({ length: tokens * tokens }, (_, i) =>
    i % tokens > Math.floor(i / tokens) ? -1e4 : 0,
  )
  return tf.tensor(values, [tokens, tokens], 'float32')
}
