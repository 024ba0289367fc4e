import { concat, paddingMask, positions, type Tensor } from '../../graph/index.ts'
import { activations, keepAll, Linear, Module, normalInit } from '../../nn/index.ts'
import type { FusionConfig } from '../policy/config.ts'
import { Fusion } from '../policy/fusion.ts'
import { Head, Heads } from '../policy/head.ts'
import type { Unit } from '../policy/heads/in-unit.ts'
import { type HeadConfig, headKindOf } from '../policy/heads/index.ts'
import { ReadOut } from '../policy/read-out.ts'
import type { Picture, Words } from './chunk-transformer.ts'
import type { ChunkPolicyConfig } from './config.ts'
import { linear } from './post-norm-transformer.ts'

/** Findings of a policy's glances in the first camera's picture. */
export interface Glimpse {
  /** Scores of the cells by the glances, row by row: [batch, glances, rows·columns]. */
  readonly scores: Tensor
  readonly rows: number
  readonly columns: number
  /** Features of what is there, [batch, shared_size], and its places, [batch, 2·glances], numbers about 1. */
  readonly feature: Tensor
  readonly places: Tensor
  /** Answers of the one-shot policy's heads before their units, numbers about 1: [batch, outputs]. */
  readonly answers: readonly Tensor[]
}

/** Fraction of a picture by which things lie apart. */
const spread = 0.25

/**
 * The eyes of a one-shot policy, under the names of its weights, which a recipe's `base` brings: the command's words attend to
 * the cells of the first camera's picture, and its end token glances at them; the mean place of a glance ("spatial soft-argmax",
 * Finn et al. 2016) is finer than a cell.
 */
export class Glances {
  readonly fusion: Fusion
  readonly readOut: ReadOut
  readonly shared: Linear
  readonly heads: Heads
  readonly #heads: readonly Head[]
  readonly #glances: number

  constructor(
    fusion: FusionConfig,
    widths: ConstructorParameters<typeof Fusion>[1],
    config: ChunkPolicyConfig,
  ) {
    const { glances, shared_size, glance_heads } = config
    const width = fusion.hidden_size
    const features = ReadOut.featureWidth(width, glances)
    this.fusion = new Fusion(fusion, widths)
    this.readOut = new ReadOut(width, glances)
    this.shared = new Linear(features, shared_size, { init: normalInit((2 / features) ** 0.5) })
    // Without mean and scale, since what reads their answers is learned.
    const heads = Object.entries(glance_heads).map(([name, config]): [string, Head] => {
      const { mean: _, scale: __, ...head } = config as HeadConfig & Unit
      return [name, new Head(head as HeadConfig, { inputs: shared_size, dropout: 0 })]
    })
    this.heads = new Heads(Object.fromEntries(heads))
    this.#heads = heads.map(([, head]) => head)
    this.#glances = glances
  }

  forward({ cells, rows, columns }: Picture, { tokens, areRead }: Words): Glimpse {
    const [batch, length] = areRead.shape as readonly [number, number]
    const end = areRead.sum(1, { keep: true }).sub(1) // [batch, 1]
    const places = positions(length, length).cast('float32').reshape([1, length])
    const isEnd = places.equal(end).cast('float32').reshape([batch, 1, length])
    const choose = (words: Tensor) => isEnd.matmul(words)
    const { patches, words } = this.fusion.forward(cells, tokens, paddingMask(areRead), choose)
    const command = words.reshape([batch, words.shape[2]!])
    const { feature, scores, place } = this.readOut.forward(command, patches, rows, columns)
    const width = feature.shape[1]!
    const shared = this.shared.forward(feature).relu()
    const answers = this.#heads.flatMap((head) =>
      Object.values(head.forward({ feature: shared, place, drop: keepAll })),
    )
    return {
      scores,
      rows,
      columns,
      feature: shared,
      answers,
      places: feature.slice(1, width - 2 * this.#glances, width).mul(1 / spread),
    }
  }
}

/**
 * Features that actions begin with. Joint angles are a smooth function of state and place:
 *
 *     hidden = gelu(W₁·[feature, places, answers, state])
 *     queries = W₂·hidden        actions = decoded + W₃·[hidden, places, answers, state]
 *
 * ACT's decoder alone begins with zeros, and its actions differ only by what their queries attend to.
 */
export class Beginning extends Module {
  readonly hiddenProj: Linear
  readonly queryProj: Linear
  readonly directProj: Linear
  readonly #config: ChunkPolicyConfig

  constructor(config: ChunkPolicyConfig) {
    super()
    const { glances, shared_size, state_size, dim_model, dim_feedforward, chunk_size, action_size } = config
    const answers = Object.values(config.glance_heads).map((head) => headKindOf(head).outputs(head))
    const exact = 2 * glances + answers.reduce((sum, count) => sum + count, 0) + state_size
    this.hiddenProj = linear(shared_size + exact, dim_feedforward)
    this.queryProj = linear(dim_feedforward, dim_model)
    this.directProj = linear(dim_feedforward + exact, chunk_size * action_size)
    this.#config = config
  }

  /** @returns `query` [batch, 1, width], `direct` [batch, chunk, numbers]. */
  forward({ feature, places, answers }: Glimpse, state: Tensor | undefined) {
    const { dim_model, chunk_size, action_size } = this.#config
    const batch = feature.shape[0]!
    const exact = concat([places, ...answers, ...(state ? [state] : [])], 1)
    const hidden = activations.gelu(this.hiddenProj.forward(concat([feature, exact], 1)))
    return {
      query: this.queryProj.forward(hidden).reshape([batch, 1, dim_model]),
      direct: this.directProj.forward(concat([hidden, exact], 1)).reshape([batch, chunk_size, action_size]),
    }
  }
}
