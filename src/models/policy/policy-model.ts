import { paddingMask, positions, type Tensor } from '../../graph/index.ts'
import { type Drop, keepAll, Linear, Module, normalInit } from '../../nn/index.ts'
import type { ModelInputs } from '../family.ts'
import { ClassTokenTower } from '../towers/class-token-tower.ts'
import { EndTokenTower } from '../towers/end-token-tower.ts'
import { pairedInputs } from '../towers/paired-towers.ts'
import type { PolicyConfig } from './config.ts'
import { Fusion } from './fusion.ts'
import { Head, Heads } from './head.ts'
import type { Policy, PolicyOutputs } from './policy.ts'
import { ofGlance, ReadOut } from './read-out.ts'

/**
 * A policy: image and command in, values to act on out.
 *
 * The towers are CLIP's, under their Hugging Face names, without their pooling: a contrastive checkpoint fits
 * them. The words attend to the patches in a few layers of cross-attention. The command's end token, which has then
 * seen the image, reads the patches at a few places. The result goes through a shared layer to every head.
 */
export class PolicyModel extends Module implements Policy {
  readonly textModel: EndTokenTower
  readonly visionModel: ClassTokenTower
  readonly fusion: Fusion
  readonly readOut: ReadOut
  readonly shared: Linear
  readonly heads: Heads
  readonly #config: PolicyConfig
  readonly #heads: Readonly<Record<string, Head>>

  constructor(config: PolicyConfig) {
    super()
    const { text_config, vision_config, fusion_config, shared_size, dropout, glances } = config
    const width = fusion_config.hidden_size
    this.textModel = new EndTokenTower(text_config)
    this.visionModel = new ClassTokenTower(vision_config)
    const widths = { imageWidth: vision_config.hidden_size, textWidth: text_config.hidden_size }
    this.fusion = new Fusion(fusion_config, widths)
    this.readOut = new ReadOut(width, glances)
    const features = ReadOut.featureWidth(width, glances)
    this.shared = new Linear(features, shared_size, { init: normalInit((2 / features) ** 0.5) })
    const heads = Object.entries(config.heads).map(
      ([name, head]) => [name, new Head(head, { inputs: shared_size, dropout })] as const,
    )
    this.#heads = Object.fromEntries(heads)
    this.heads = new Heads(this.#heads)
    this.#config = config
  }

  get config(): PolicyConfig {
    return this.#config
  }

  get inputs(): ModelInputs {
    return pairedInputs(this.#config)
  }

  forward(pixelValues: Tensor, inputIds: Tensor, drop: Drop = keepAll): PolicyOutputs {
    const { vision_config, text_config, dropout } = this.#config
    const side = Math.floor(vision_config.image_size / vision_config.patch_size)
    const [batch, length] = inputIds.shape as readonly [number, number]
    const end = this.textModel.endPosition(inputIds) // [batch, 1]
    const everyPosition = positions(length, text_config.max_position_embeddings).reshape([1, length])
    const isEnd = everyPosition.equal(end).cast('float32').reshape([batch, 1, length])
    const { patches, words } = this.fusion.forward(
      this.visionModel.patches(pixelValues),
      this.textModel.tokens(inputIds),
      paddingMask(everyPosition.lessOrEqual(end)),
      (tokens) => isEnd.matmul(tokens),
    )
    const command = words.reshape([words.shape[0]!, words.shape[2]!]) // [batch, width]
    const { feature, scores, place } = this.readOut.forward(command, patches, side, side)
    const shared = drop(this.shared.forward(feature).relu(), dropout) // [batch, sharedSize]
    const heads = Object.entries(this.#heads).map(
      ([name, head]) => [name, head.forward({ feature: shared, place, drop })] as const,
    )
    return { heads: Object.fromEntries(heads), attention: ofGlance(scores, 0), scores, grid: [side, side] }
  }
}
