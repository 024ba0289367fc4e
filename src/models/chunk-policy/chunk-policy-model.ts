import { positions, type Tensor } from '../../graph/index.ts'
import { Module } from '../../nn/index.ts'
import type { Model, ModelInputs } from '../family.ts'
import { ClassTokenTower } from '../towers/class-token-tower.ts'
import { EndTokenTower } from '../towers/end-token-tower.ts'
import { ChunkTransformer, cellWidth, type ObservationFeatures } from './chunk-transformer.ts'
import type { ChunkPolicyConfig } from './config.ts'
import { Glances } from './glances.ts'
import { actionNormalization, stateNormalization } from './normalization.ts'
import type { Seen } from './post-norm-transformer.ts'

/** Pictures, state and command of robots, the state in their own units. */
export interface ChunkObservation {
  /** [batch, cameras, channels, height, width], of one camera [batch, channels, height, width]; undefined without cameras. */
  readonly pixelValues?: Tensor | undefined
  /** [batch, numbers]; undefined for a policy without state. */
  readonly state?: Tensor | undefined
  /** [batch, length] int64; undefined for a policy without commands. */
  readonly inputIds?: Tensor | undefined
}

/** Length of texts for a policy that reads none. */
const unreadLength = 8

/** Inputs of a policy with this config. */
export const chunkInputs = ({ vision_config, text_config }: ChunkPolicyConfig): ModelInputs => ({
  image: {
    size: vision_config.image_size,
    channels: vision_config.num_channels,
    ...(vision_config.kind === 'vit' && { patch: vision_config.patch_size }),
  },
  text: { length: text_config?.max_position_embeddings ?? unreadLength },
})

/**
 * A policy that acts in chunks: pictures of several cameras, the robot's state and a command in, the next actions out.
 *
 * All but a ViT and the words' tower stands in `model`, under the names of LeRobot's `ACTPolicy`.
 */
export class ChunkPolicyModel extends Module implements Model {
  readonly model: ChunkTransformer
  readonly visionModel?: ClassTokenTower
  readonly visionModels?: readonly ClassTokenTower[]
  readonly textModel?: EndTokenTower
  readonly fusion?: Glances['fusion']
  readonly readOut?: Glances['readOut']
  readonly shared?: Glances['shared']
  readonly heads?: Glances['heads']
  readonly #glances: Glances | undefined
  readonly #config: ChunkPolicyConfig

  constructor(config: ChunkPolicyConfig) {
    super()
    const { vision_config, text_config, cameras, shared_tower } = config
    this.model = new ChunkTransformer(config)
    if (vision_config.kind === 'vit' && cameras.length > 0) {
      if (shared_tower) this.visionModel = new ClassTokenTower(vision_config)
      else this.visionModels = cameras.map(() => new ClassTokenTower(vision_config))
    }
    if (text_config) this.textModel = new EndTokenTower(text_config)
    const { fusion_config } = config
    if (fusion_config && text_config) {
      const widths = { imageWidth: cellWidth(config), textWidth: text_config.hidden_size }
      const glances = new Glances(fusion_config, widths, config)
      this.#glances = glances
      this.fusion = glances.fusion
      this.readOut = glances.readOut
      this.shared = glances.shared
      this.heads = glances.heads
    }
    this.#config = config
  }

  get config(): ChunkPolicyConfig {
    return this.#config
  }

  get inputs(): ModelInputs {
    return chunkInputs(this.#config)
  }

  /** The features of an observation: what its encoding begins with. */
  features({ pixelValues, state, inputIds }: ChunkObservation): ObservationFeatures {
    const batch = (pixelValues ?? state ?? inputIds)!.shape[0]!
    const felt = this.#config.state_size > 0 ? state : undefined
    const words = this.textModel && inputIds && this.#words(inputIds)
    const pictures = pixelValues && this.#config.cameras.length > 0 ? this.#pictures(pixelValues) : []
    return {
      batch,
      state: felt && stateNormalization(this.#config).apply(felt),
      words,
      pictures,
      glimpse: words && this.#glances?.forward(pictures[0]!, words),
    }
  }

  /**
   * The chunk that a policy answers, in the units of the data: [batch, chunk, numbers]. For `flow` the integral of the velocity
   * from noise at t = 1 to actions at t = 0, by Euler steps of −1/num_steps.
   * @param noise Of `flow`: Gaussian numbers [batch, chunk, numbers].
   */
  forward(observation: ChunkObservation, noise?: Tensor): Tensor {
    const { head, num_steps } = this.#config
    const seen = this.model.encode(this.features(observation))
    const normalized = head === 'flow' ? this.#integrate(seen, noise!, num_steps) : this.model.decode(seen)
    return actionNormalization(this.#config).invert(normalized)
  }

  #integrate(seen: Seen, noise: Tensor, steps: number): Tensor {
    let actions = noise
    for (let step = 0; step < steps; step++) {
      const time = noise.scalar(1 - step / steps).expand([noise.shape[0]!, 1])
      actions = actions.sub(this.model.velocity(actions, time, seen).mul(1 / steps))
    }
    return actions
  }

  #words(inputIds: Tensor): ObservationFeatures['words'] {
    const length = inputIds.shape[1]!
    const tower = this.textModel!
    const every = positions(length, this.#config.text_config!.max_position_embeddings).reshape([1, length])
    const areRead = every.lessOrEqual(tower.endPosition(inputIds)).cast('float32')
    return { tokens: tower.tokens(inputIds), areRead }
  }

  #pictures(squares: Tensor): ObservationFeatures['pictures'] {
    const { vision_config } = this.#config
    const crop = 'crop' in vision_config ? vision_config.crop : undefined
    const pixelValues = crop ? middle(squares, crop) : squares
    const count = this.#config.cameras.length
    const shape = pixelValues.shape
    const [channels, height, width] = shape.slice(-3) as unknown as readonly [number, number, number]
    const images = [shape[0]!, channels, height, width]
    const views =
      pixelValues.rank === 4
        ? [pixelValues]
        : Array.from({ length: count }, (_, i) => pixelValues.slice(1, i, i + 1).reshape(images))
    const towers = this.visionModels ?? this.model.backbones
    if (towers) return views.map((view, i) => pictureBy(towers[i]!, view))
    const tower = (this.visionModel ?? this.model.backbone)!
    if (views.length === 1) return [pictureBy(tower, views[0]!)]
    const all = pictureBy(tower, pixelValues.reshape([shape[0]! * count, channels, height, width]))
    const [, cells, cellWidth] = all.cells.shape as readonly [number, number, number]
    const byCamera = all.cells.reshape([shape[0]!, count, cells, cellWidth])
    return views.map((_, i) => ({
      ...all,
      cells: byCamera.slice(1, i, i + 1).reshape([shape[0]!, cells, cellWidth]),
    }))
  }
}

/** The middle of squares, as `centred` of the image transforms lays it. */
function middle(squares: Tensor, sides: readonly [height: number, width: number]): Tensor {
  return sides.reduce((x, side, i) => {
    const axis = squares.rank - 2 + i
    const start = Math.floor((squares.shape[axis]! - side) / 2)
    return x.slice(axis, start, start + side)
  }, squares)
}

/** The cells of pictures by a tower. */
function pictureBy(
  tower: ClassTokenTower | NonNullable<ChunkTransformer['backbone']>,
  images: Tensor,
): ObservationFeatures['pictures'][number] {
  if (tower instanceof ClassTokenTower) {
    const cells = tower.patches(images)
    const side = Math.sqrt(cells.shape[1]!)
    return { cells, rows: side, columns: side }
  }
  const map = tower.forward(images)
  const [batch, channels, rows, columns] = map.shape as readonly [number, number, number, number]
  return { cells: map.reshape([batch, channels, rows * columns]).transpose(), rows, columns }
}

/** Tell a model that acts in chunks. */
export const isChunkPolicy = (model: Model): model is ChunkPolicyModel => model instanceof ChunkPolicyModel
