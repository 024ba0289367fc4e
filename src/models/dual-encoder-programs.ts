import type { HostArray } from '../core/index.ts'
import { type Arena, type Engine, ParameterProgram, toHost } from '../engine/index.ts'
import { input, l2Normalize, type SymbolicSize, symbolicPrimes, type Tensor } from '../graph/index.ts'
import { namedParameters } from '../nn/index.ts'
import type { DualEncoder } from './dual-encoder.ts'
import type { DualEncoderRunner } from './dual-encoder-runner.ts'

/** Stands for the batch size while the graphs are built. */
const [prime] = symbolicPrimes

/** The two towers of a model over the arena of its parameters, ready to run on batches of any size. */
export class DualEncoderPrograms implements DualEncoderRunner {
  readonly #images: ParameterProgram
  readonly #texts: ParameterProgram

  private constructor(images: ParameterProgram, texts: ParameterProgram) {
    this.#images = images
    this.#texts = texts
  }

  /** @param values Arena of the model's parameters; the programs follow when they change. */
  static async create(engine: Engine, model: DualEncoder, values: Arena): Promise<DualEncoderPrograms> {
    const { image, text } = model.inputs
    const pixels = input('pixelValues', [prime, image.channels, image.size, image.size])
    const ids = input('inputIds', [prime, text.length], 'int64')
    return new DualEncoderPrograms(
      await tower(engine, model, values, pixels, model.encodeImage(pixels)),
      await tower(engine, model, values, ids, model.encodeText(ids)),
    )
  }

  /** [batch, channels, height, width] → unit vectors [batch, projection], row after row. */
  async encodeImages(pixelValues: HostArray): Promise<Float32Array> {
    const { features } = await this.#images.run({ pixelValues })
    return toHost(features!, 'float32')
  }

  /** [batch, length] → unit vectors [batch, projection], row after row. */
  async encodeTexts(inputIds: HostArray): Promise<Float32Array> {
    const { features } = await this.#texts.run({ inputIds })
    return toHost(features!, 'float32')
  }
}

function tower(
  engine: Engine,
  model: DualEncoder,
  values: Arena,
  leaf: Tensor,
  features: Tensor,
): Promise<ParameterProgram> {
  const parameters = new Map([...namedParameters(model)].map(([name, { leaf }]) => [name, leaf]))
  const symbolicSizes: SymbolicSize[] = [{ prime, name: 'batch', input: leaf, axis: 0 }]
  const outputs = { features: l2Normalize(features) }
  return ParameterProgram.create(engine, values, undefined, { parameters, outputs, symbolicSizes })
}
