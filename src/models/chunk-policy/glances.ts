import { concat, type Tensor } from '../../graph/index.ts'
import { activations, type Linear, Module } from '../../nn/index.ts'
import { ReadOut } from '../policy/read-out.ts'
import type { ObservationFeatures } from './chunk-transformer.ts'
import type { ChunkPolicyConfig } from './config.ts'
import { linear } from './post-norm-transformer.ts'

/** What glances at the pictures found. */
export interface Glimpse {
  /** Scores of the cells of the first camera's picture, row by row, by the first glance: [batch, rows·columns]. */
  readonly scores: Tensor
  readonly rows: number
  readonly columns: number
  /** What the decoder's queries begin with, [batch, 1, width]. */
  readonly query: Tensor
  /** Part of the normalized actions that does not go through the decoder, [batch, chunk, numbers]. */
  readonly direct: Tensor
}

/** Fractions of a picture by which things lie apart: places become numbers about 1. */
const spread = 0.25

/**
 * Glances at the pictures, as one-shot policies have them: the encoder's first token attends to the cells of each camera's
 * picture, and its mean place ("spatial soft-argmax", Finn et al. 2016) is finer than a cell. Joint angles are a smooth
 * function of state and place:
 *
 *     hidden = gelu(W₁·[first token, attended cells, places, state])
 *     queries = W₂·hidden        actions = decoded + W₃·[hidden, places, state]
 *
 * ACT's decoder alone begins with zeros, and its actions differ only by what their queries attend to. `behaviorCloning` teaches the first
 * glance where to look.
 */
export class Glances extends Module {
  readonly read_outs: readonly ReadOut[]
  readonly hidden_proj: Linear
  readonly query_proj: Linear
  readonly direct_proj: Linear
  readonly #config: ChunkPolicyConfig

  constructor(config: ChunkPolicyConfig) {
    super()
    const { cameras, glances, dim_model: width, state_size, chunk_size, action_size, dim_feedforward } = config
    this.read_outs = cameras.map(() => new ReadOut(width, glances))
    const exact = cameras.length * glances * 2 + state_size
    this.hidden_proj = linear(width + cameras.length * glances * width + exact, dim_feedforward)
    this.query_proj = linear(dim_feedforward, width)
    this.direct_proj = linear(dim_feedforward + exact, chunk_size * action_size)
    this.#config = config
  }

  /** @param tokens The encoder's, of which the cells are the last: [batch, tokens, width]. */
  forward(tokens: Tensor, { pictures, state, batch }: ObservationFeatures): Glimpse {
    const { glances, dim_model: width, chunk_size, action_size } = this.#config
    const first = tokens.slice(1, 0, 1).reshape([batch, width])
    const counts = pictures.map(({ cells }) => cells.shape[1]!)
    let from = tokens.shape[1]! - counts.reduce((sum, count) => sum + count, 0)
    const looks = pictures.map(({ rows, columns }, i) => {
      const cells = tokens.slice(1, from, from + counts[i]!)
      from += counts[i]!
      return this.read_outs[i]!.forward(first, cells, rows, columns)
    })
    const [attended, end] = [width * (1 + glances), width * (1 + glances) + 2 * glances]
    const places = looks.map(({ feature }) => feature.slice(1, attended, end).mul(1 / spread))
    const exact = concat([...places, ...(state ? [state] : [])], 1)
    const features = looks.map(({ feature }) => feature.slice(1, width, attended))
    const hidden = activations.gelu(this.hidden_proj.forward(concat([first, ...features, exact], 1)))
    const [{ rows, columns }] = pictures as [ObservationFeatures['pictures'][number]]
    return {
      scores: looks[0]!.scores,
      rows,
      columns,
      query: this.query_proj.forward(hidden).reshape([batch, 1, width]),
      direct: this.direct_proj.forward(concat([hidden, exact], 1)).reshape([batch, chunk_size, action_size]),
    }
  }
}
