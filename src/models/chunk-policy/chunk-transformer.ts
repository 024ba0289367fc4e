import { causalMask, concat, constant, paddingMask, type Tensor } from '../../graph/index.ts'
import {
  Embedding,
  type Linear,
  Module,
  normalInit,
  Parameter,
  uniformInit,
  zerosInit,
} from '../../nn/index.ts'
import type { ChunkPolicyConfig } from './config.ts'
import { FlowInputs } from './flow-inputs.ts'
import { Beginning, type Glimpse } from './glances.ts'
import { LatentEncoder } from './latent-encoder.ts'
import { Decoder, Encoder, layerOptions, linear, type Seen } from './post-norm-transformer.ts'
import { ResNet18 } from './resnet.ts'
import { cellSinusoids } from './sinusoids.ts'

/** Features of an observation, before they become tokens of one width. */
export interface ObservationFeatures {
  /** Pictures by camera: cells [batch, cells, channels], row by row. */
  readonly pictures: readonly Picture[]
  /** Normalized state, [batch, numbers]. */
  readonly state: Tensor | undefined
  /** Words of the command [batch, length, width], and 1 where one is read, [batch, length]. */
  readonly words: Words | undefined
  /** Findings of the glances, for a policy that has some. */
  readonly glimpse: Glimpse | undefined
  readonly batch: number
}

/** Words of a command. */
export interface Words {
  readonly tokens: Tensor
  readonly areRead: Tensor
}

/** A picture by an image tower. */
export interface Picture {
  readonly cells: Tensor
  readonly rows: number
  readonly columns: number
}

/** Tokens [batch, count, width] of one part of an observation. */
interface Part {
  readonly part: 'one' | 'words' | 'cells'
  readonly token: Tensor
}

/** A convolution of one cell: a linear map whose weight is [outputs, inputs, 1, 1]. */
class CellProjection extends Module {
  readonly weight: Parameter
  readonly bias: Parameter

  constructor(inputs: number, outputs: number) {
    super()
    this.weight = new Parameter([outputs, inputs, 1, 1], uniformInit(inputs ** -0.5))
    this.bias = new Parameter([outputs], zerosInit)
  }

  /** [batch, cells, inputs] → [batch, cells, outputs] */
  forward(cells: Tensor): Tensor {
    const [outputs, inputs] = this.weight.fullShape as readonly [number, number]
    const weight = this.weight.tensor.reshape([outputs, inputs])
    const rows = cells.reshape([-1, inputs]).gemm(weight, this.bias.tensor, { transposeB: true })
    return rows.reshape([...cells.shape.slice(0, -1), outputs])
  }
}

/**
 * The transformer of ACT (Zhao et al. 2023), under the names of LeRobot's `ACT`: tokens [latent, state, words, cells of each
 * camera's picture] go through an encoder; the decoder's queries, one for each action of the chunk, attend to them.
 *
 * For `l1` the latent is zero in training, too, as with LeRobot's `use_vae: false`. For `flow` there is no latent, and the queries
 * are the noisy actions, each of which attends to those before it, as in SmolVLA (Shukor et al. 2025): so what is behind an
 * episode's end, which the loss leaves out, changes no action before it, in training as in use.
 */
export class ChunkTransformer extends Module {
  readonly vae_encoder?: LatentEncoder['encoder']
  readonly vae_encoder_cls_embed?: LatentEncoder['classToken']
  readonly vae_encoder_robot_state_input_proj?: Linear
  readonly vae_encoder_action_input_proj?: Linear
  readonly vae_encoder_latent_output_proj?: Linear
  readonly backbone?: ResNet18
  readonly backbones?: readonly ResNet18[]
  readonly encoder: Encoder
  readonly decoder: Decoder
  readonly encoder_robot_state_input_proj?: Linear
  readonly encoder_latent_input_proj?: Linear
  readonly encoder_command_input_proj?: Linear
  readonly encoder_img_feat_input_proj?: CellProjection
  readonly encoder_1d_feature_pos_embed?: Embedding
  readonly encoder_command_pos_embed?: Embedding
  readonly decoder_pos_embed: Embedding
  readonly flow_inputs?: FlowInputs
  readonly action_head: Linear
  readonly beginning?: Beginning
  readonly #config: ChunkPolicyConfig
  readonly #latent: LatentEncoder | undefined

  constructor(config: ChunkPolicyConfig) {
    super()
    const { dim_model: width, head, state_size, text_config, vision_config, cameras } = config
    const embedding = (count: number) => new Embedding(count, width, { init: normalInit(1) })
    if (head === 'act') {
      const latent = new LatentEncoder(config)
      this.#latent = latent
      this.vae_encoder = latent.encoder
      this.vae_encoder_cls_embed = latent.classToken
      if (latent.stateProjection) this.vae_encoder_robot_state_input_proj = latent.stateProjection
      this.vae_encoder_action_input_proj = latent.actionProjection
      this.vae_encoder_latent_output_proj = latent.outputProjection
    }
    if (vision_config.kind === 'resnet18' && cameras.length > 0) {
      const tower = () => new ResNet18(vision_config.width, vision_config.num_channels)
      if (config.shared_tower) this.backbone = tower()
      else this.backbones = cameras.map(tower)
    }
    this.encoder = new Encoder(config.n_encoder_layers, layerOptions(config))
    this.decoder = new Decoder(config.n_decoder_layers, layerOptions(config))
    if (state_size > 0) this.encoder_robot_state_input_proj = linear(state_size, width)
    if (head !== 'flow') this.encoder_latent_input_proj = linear(config.latent_dim, width)
    if (cameras.length > 0) this.encoder_img_feat_input_proj = new CellProjection(cellWidth(config), width)
    if (text_config) {
      this.encoder_command_input_proj = linear(text_config.hidden_size, width)
      this.encoder_command_pos_embed = embedding(text_config.max_position_embeddings)
    }
    const single = (head === 'flow' ? 0 : 1) + (state_size > 0 ? 1 : 0)
    if (single > 0) this.encoder_1d_feature_pos_embed = embedding(single)
    this.decoder_pos_embed = embedding(config.chunk_size)
    if (head === 'flow') this.flow_inputs = new FlowInputs(config.action_size, width)
    this.action_head = linear(width, config.action_size)
    if (config.fusion_config) this.beginning = new Beginning(config)
    this.#config = config
  }

  /** Mean and log variance of the latent, [batch, latent] each, of normalized actions. */
  latentOf(actions: Tensor, isPad: Tensor, state: Tensor | undefined) {
    return this.#latent!.forward(actions, isPad, state)
  }

  /** Encode an observation. @param latent [batch, latent]; default zeros. */
  encode(features: ObservationFeatures, latent?: Tensor): Seen {
    const { batch, state, words, pictures } = features
    const { dim_model: width, latent_dim } = this.#config
    const parts: Part[] = []
    const one = (token: Tensor) => parts.push({ part: 'one', token: token.reshape([batch, 1, width]) })
    if (this.encoder_latent_input_proj) {
      const zeros = () => this.action_head.weight.tensor.scalar(0).expand([batch, latent_dim])
      one(this.encoder_latent_input_proj.forward(latent ?? zeros()))
    }
    if (state) one(this.encoder_robot_state_input_proj!.forward(state))
    if (words) parts.push({ part: 'words', token: this.encoder_command_input_proj!.forward(words.tokens) })
    for (const { cells } of pictures)
      parts.push({ part: 'cells', token: this.encoder_img_feat_input_proj!.forward(cells) })
    const tokens = concat(
      parts.map(({ token }) => token),
      1,
    )
    const all = { tokens, places: this.#places(features), mask: maskOf(features, parts) }
    const seen = { ...all, tokens: this.encoder.forward(all) }
    const { glimpse } = features
    return glimpse ? { ...seen, beginning: this.beginning!.forward(glimpse, state) } : seen
  }

  /** Actions of the chunk, normalized: [batch, chunk, numbers]. */
  decode(seen: Seen): Tensor {
    const { chunk_size, dim_model } = this.#config
    const zeros = this.action_head.weight.tensor.scalar(0)
    return this.#actions(zeros.expand([seen.tokens.shape[0]!, chunk_size, dim_model]), seen)
  }

  /** Velocity of noisy actions [batch, chunk, numbers] at times [batch, 1]. */
  velocity(noisy: Tensor, time: Tensor, seen: Seen): Tensor {
    const { chunk_size } = this.#config
    return this.#actions(this.flow_inputs!.forward(noisy, time), seen, causalMask(chunk_size, chunk_size))
  }

  #actions(queries: Tensor, seen: Seen, mask?: Tensor): Tensor {
    const { beginning } = seen
    const begun = beginning ? queries.add(beginning.query) : queries
    const decoded = this.decoder.forward(begun, this.decoder_pos_embed.weight.tensor, seen, mask)
    const actions = this.action_head.forward(decoded)
    return beginning ? actions.add(beginning.direct) : actions
  }

  /** Embeddings of the places of all tokens, [tokens, width]. */
  #places({ words, pictures }: ObservationFeatures): Tensor {
    const { dim_model: width } = this.#config
    const learned = [this.encoder_1d_feature_pos_embed?.weight.tensor]
    const ofWords = words && this.encoder_command_pos_embed?.weight.tensor.slice(0, 0, words.tokens.shape[1]!)
    const ofCells = pictures.map(({ rows, columns }) => constant(cellSinusoids(rows, columns, width)))
    return concat(
      [...learned, ofWords, ...ofCells].flatMap((places) => places ?? []),
      0,
    )
  }
}

/** Channels of the cells that an image tower gives. */
export const cellWidth = ({ vision_config }: ChunkPolicyConfig): number =>
  vision_config.kind === 'resnet18' ? 8 * vision_config.width : vision_config.hidden_size

/** Mask of the words that are padding, [batch, 1, 1, tokens]; none without words. @param tokens Of each part. */
function maskOf({ words, batch }: ObservationFeatures, tokens: readonly Part[]): Tensor | undefined {
  if (!words) return undefined
  const seen = tokens.map(({ part, token }) =>
    part === 'words' ? words.areRead : words.areRead.scalar(1).expand([batch, token.shape[1]!]),
  )
  return paddingMask(concat(seen, 1))
}
