import { concat, constant, paddingMask, type Tensor } from '../../graph/index.ts'
import { Embedding, Linear, normalInit, zerosInit } from '../../nn/index.ts'
import type { ChunkPolicyConfig } from './config.ts'
import { Encoder, layerOptions, linear } from './post-norm-transformer.ts'
import { sinusoids } from './sinusoids.ts'

/** Mean and logarithm of the variance of a latent, [batch, latent] each. */
export interface Latent {
  readonly mean: Tensor
  readonly logVariance: Tensor
}

/**
 * The encoder of ACT's variational autoencoder: tokens [class, state, actions] → distribution of the latent at the class token.
 * Its parts are parameters of the transformer, under LeRobot's names.
 */
export class LatentEncoder {
  readonly encoder: Encoder
  readonly classToken: Embedding
  readonly stateProjection: Linear | undefined
  readonly actionProjection: Linear
  readonly outputProjection: Linear
  readonly #config: ChunkPolicyConfig

  constructor(config: ChunkPolicyConfig) {
    const { dim_model: width, n_vae_encoder_layers, state_size, action_size, latent_dim } = config
    this.encoder = new Encoder(n_vae_encoder_layers, layerOptions(config))
    this.classToken = new Embedding(1, width, { init: normalInit(1) })
    this.stateProjection = state_size > 0 ? linear(state_size, width) : undefined
    this.actionProjection = linear(action_size, width)
    // It begins at the prior: else ten times its divergence is all that the first steps reduce.
    this.outputProjection = new Linear(width, 2 * latent_dim, { init: zerosInit })
    this.#config = config
  }

  /**
   * @param actions Normalized, [batch, chunk, numbers]. @param isPad 1 at padded actions, which are not seen: [batch, chunk].
   * @param state Normalized, [batch, numbers].
   */
  forward(actions: Tensor, isPad: Tensor, state: Tensor | undefined): Latent {
    const { dim_model: width, latent_dim } = this.#config
    const batch = actions.shape[0]!
    const first = this.classToken.weight.tensor.reshape([1, 1, width]).expand([batch, 1, width])
    const felt = state && this.stateProjection!.forward(state).reshape([batch, 1, width])
    const tokens = concat([first, ...(felt ? [felt] : []), this.actionProjection.forward(actions)], 1)
    const length = tokens.shape[1]!
    const seen = isPad.scalar(1).expand([batch, length - isPad.shape[1]!])
    const mask = paddingMask(concat([seen, isPad.neg().add(1)], 1))
    const encoded = this.encoder.forward({ tokens, places: constant(sinusoids(length, width)), mask })
    const latent = this.outputProjection.forward(encoded.slice(1, 0, 1).reshape([batch, width]))
    const [mean, logVariance] = latent.split([latent_dim, latent_dim], 1) as readonly [Tensor, Tensor]
    return { mean, logVariance }
  }
}
