import type { ClipConfig } from '../../src/models/index.ts'

/** What a library must offer to compute CLIP: each operation in the form that is fastest there. */
export interface Operations<T> {
  reshape(x: T, shape: readonly number[]): T
  add(a: T, b: T): T
  /** x · Wᵀ + b for x [rows, inputs]. */
  linear(x: T, weight: T, bias?: T): T
  /** Over the last axis of x [rows, width]. */
  layerNorm(x: T, weight: T, bias: T, epsilon: number): T
  /** x·σ(1.702·x) */
  quickGelu(x: T): T
  /** softmax(q·kᵀ/√d)·v of [batch, tokens, heads, d], back in that shape. */
  attention(queries: T, keys: T, values: T, causal: boolean): T
  /** Rows of a table [count, width] by integers [batch, tokens]: [batch, tokens, width]. */
  embed(table: T, indices: T): T
  /** [batch, channels, size, size] → [batch, patches, channels·patch²] */
  patches(pixels: T, patch: number): T
  /** The vector [width] before the tokens [batch, tokens, width] of every sample. */
  prepend(vector: T, tokens: T): T
  /** Of tokens [batch, tokens, width] the first ones: [batch, width]. */
  first(tokens: T): T
  /** Of tokens [batch, tokens, width] those that the one-hot rows [batch, tokens] point at: [batch, width]. */
  select(tokens: T, positions: T): T
  /** Symmetric InfoNCE of features [batch, width], which it normalizes, with the scale's logarithm. */
  contrastiveLoss(images: T, texts: T, logScale: T): T
}

/** The arrays of a batch; `ends` is one-hot at the end tokens [batch, tokens]. */
export interface ClipInputs<T> {
  readonly pixelValues: T
  readonly inputIds: T
  readonly ends: T
}

type Weights<T> = Readonly<Record<string, T>>
type TowerConfig = ClipConfig['text_config'] | ClipConfig['vision_config']

/** CLIP for a library of arrays: its loss as a function of the weights, under Hugging Face's names. */
export class FunctionalClip<T> {
  readonly #operations: Operations<T>
  readonly #config: ClipConfig
  readonly #batch: number

  constructor(operations: Operations<T>, config: ClipConfig, batch: number) {
    this.#operations = operations
    this.#config = config
    this.#batch = batch
  }

  loss(weights: Weights<T>, { pixelValues, inputIds, ends }: ClipInputs<T>): T {
    const { linear, contrastiveLoss } = this.#operations
    const images = linear(this.#images(weights, pixelValues), weights['visual_projection.weight']!)
    const texts = linear(this.#texts(weights, inputIds, ends), weights['text_projection.weight']!)
    return contrastiveLoss(images, texts, weights.logit_scale!)
  }

  #images(weights: Weights<T>, pixels: T): T {
    const { reshape, add, linear, patches, prepend, first } = this.#operations
    const config = this.#config.vision_config
    const { hidden_size: width, patch_size: patch, image_size: size, num_channels: channels } = config
    const count = Math.floor(size / patch) ** 2
    const area = channels * patch * patch
    const embeddings = 'vision_model.embeddings'
    const kernel = reshape(weights[`${embeddings}.patch_embedding.weight`]!, [width, area])
    const embedded = linear(reshape(patches(pixels, patch), [this.#batch * count, area]), kernel)
    const tokens = prepend(
      weights[`${embeddings}.class_embedding`]!,
      reshape(embedded, [this.#batch, count, width]),
    )
    const placed = add(tokens, weights[`${embeddings}.position_embedding.weight`]!)
    const rows = reshape(placed, [this.#batch * (count + 1), width])
    const normed = this.#norm(weights, 'vision_model.pre_layrnorm', config, rows)
    const encoded = this.#encode(weights, 'vision_model', config, normed, false)
    const token = first(reshape(encoded, [this.#batch, count + 1, width]))
    return this.#norm(weights, 'vision_model.post_layernorm', config, token)
  }

  #texts(weights: Weights<T>, ids: T, ends: T): T {
    const { reshape, add, embed, select } = this.#operations
    const config = this.#config.text_config
    const { hidden_size: width, max_position_embeddings: length } = config
    const words = embed(weights['text_model.embeddings.token_embedding.weight']!, ids)
    const placed = add(words, weights['text_model.embeddings.position_embedding.weight']!)
    const rows = reshape(placed, [this.#batch * length, width])
    const encoded = this.#encode(weights, 'text_model', config, rows, true)
    const token = select(reshape(encoded, [this.#batch, length, width]), ends)
    return this.#norm(weights, 'text_model.final_layer_norm', config, token)
  }

  /** The layers of a tower, on rows [batch · tokens, width]. */
  #encode(weights: Weights<T>, tower: string, config: TowerConfig, rows: T, causal: boolean): T {
    const { add, quickGelu } = this.#operations
    let x = rows
    for (let index = 0; index < config.num_hidden_layers; index++) {
      const layer = `${tower}.encoder.layers.${index}`
      const attended = this.#norm(weights, `${layer}.layer_norm1`, config, x)
      x = add(x, this.#attend(weights, `${layer}.self_attn`, config, attended, causal))
      const normed = this.#norm(weights, `${layer}.layer_norm2`, config, x)
      const hidden = quickGelu(this.#linear(weights, `${layer}.mlp.fc1`, normed))
      x = add(x, this.#linear(weights, `${layer}.mlp.fc2`, hidden))
    }
    return x
  }

  #attend(weights: Weights<T>, path: string, config: TowerConfig, x: T, causal: boolean): T {
    const { reshape, attention } = this.#operations
    const { hidden_size: width, num_attention_heads: heads } = config
    const split = (name: string) =>
      reshape(this.#linear(weights, `${path}.${name}`, x), [this.#batch, -1, heads, width / heads])
    const mixed = attention(split('q_proj'), split('k_proj'), split('v_proj'), causal)
    return this.#linear(weights, `${path}.out_proj`, reshape(mixed, [-1, width]))
  }

  #linear(weights: Weights<T>, path: string, x: T): T {
    return this.#operations.linear(x, weights[`${path}.weight`]!, weights[`${path}.bias`])
  }

  #norm(weights: Weights<T>, path: string, { layer_norm_eps }: TowerConfig, x: T): T {
    const [weight, bias] = [weights[`${path}.weight`]!, weights[`${path}.bias`]!]
    return this.#operations.layerNorm(x, weight, bias, layer_norm_eps)
  }
}
