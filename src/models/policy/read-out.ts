import { float32 } from '../../core/index.ts'
import { concat, constant, type Tensor } from '../../graph/index.ts'
import { Linear, Module, normalInit, perContext } from '../../nn/index.ts'

/** Result of reading an image by a command. */
export interface ReadOutResult {
  /** Features [batch, featureWidth]: the command, the attended patches, and the places of the glances. */
  readonly feature: Tensor
  /** Scores of the glances over the patches, row by row, before their softmax: [batch, glances, patches]. */
  readonly scores: Tensor
  /** Place of the first glance: [batch, 2], x and y as fractions of width and height, y down. */
  readonly place: Tensor
}

/**
 * Read-out of an image at the places that a command asks for: several glances, each an attention of the command over
 * the patches. A glance gives the attended patch vector and its place: the mean place under its weights ("spatial
 * soft-argmax", Finn et al. 2016), which is finer than a patch and makes boxes and poses easy for the heads to learn.
 */
export class ReadOut extends Module {
  readonly qProj: Linear
  readonly kProj: Linear
  readonly vProj: Linear
  readonly #glances: number

  constructor(width: number, glances: number) {
    super()
    const init = normalInit(width ** -0.5)
    this.qProj = new Linear(width, glances * width, { init })
    this.kProj = new Linear(width, width, { init })
    this.vProj = new Linear(width, width, { init })
    this.#glances = glances
  }

  /** Width of the feature, for glances over tokens of this width. */
  static featureWidth = (width: number, glances: number): number => width + glances * (width + 2)

  /**
   * @param command [batch, width]
   * @param patches [images, rows · columns, width]; each run of batch/images commands is about one image.
   */
  forward(command: Tensor, patches: Tensor, rows: number, columns: number): ReadOutResult {
    const [images, count, width] = patches.shape as readonly [number, number, number]
    const [batch, glances] = [command.shape[0]!, this.#glances]
    const asking = this.qProj.forward(command).reshape([batch, glances, width])
    const queries = perContext(asking, patches) // [images, commands · glances, width]
    const keys = this.kProj.forward(patches) // [images, patches, width]
    const scores = queries.matmul(keys, { transposeB: true, scale: width ** -0.5 }) // [images, commands · glances, patches]
    const weights = scores.softmax()
    const seen = weights.matmul(this.vProj.forward(patches)) // [images, commands · glances, width]
    const places = weights.matmul(centres(rows, columns).expand([images, count, 2])) // [images, commands · glances, 2]
    const ofGlances = (x: Tensor) => x.reshape([batch, glances, x.shape[2]!])
    return {
      feature: concat(
        [command, seen.reshape([batch, glances * width]), places.sub(0.5).reshape([batch, glances * 2])],
        1,
      ),
      scores: ofGlances(scores),
      place: ofGlance(ofGlances(places), 0),
    }
  }
}

/** Findings of one glance, of those of all [batch, glances, size]: [batch, size]. */
export const ofGlance = (found: Tensor, glance: number): Tensor =>
  found.slice(1, glance, glance + 1).reshape([found.shape[0]!, found.shape[2]!])

/** Centres of patches, x and y as fractions, row by row: [1, patches, 2]. */
function centres(rows: number, columns: number): Tensor {
  const values = Array.from({ length: rows * columns }, (_, i) => [
    ((i % columns) + 0.5) / columns,
    (Math.floor(i / columns) + 0.5) / rows,
  ])
  return constant(float32([1, rows * columns, 2], values.flat()))
}
