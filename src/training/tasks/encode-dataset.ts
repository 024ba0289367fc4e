import { type Batch, type HostArray, joinRows, splitRows, zeros } from '../../core/index.ts'
import type { DualEncoderRunner } from '../../models/index.ts'

/** A data set in a dual encoder's shared space: the input of `crossModalRetrieval`, with the ids of its rows. */
export interface EncodedDataset {
  /** Ids of the images, in the order of the rows. */
  readonly imageIds: readonly string[]
  /** Id of each distinct caption: the first image that has it, and the caption's index at that image, from 0. */
  readonly textIds: readonly string[]
  readonly textCaptions: readonly number[]
  /** Unit vectors [images, width] and [captions, width]. */
  readonly imageFeatures: Float32Array
  readonly textFeatures: Float32Array
  readonly width: number
  readonly imageConcepts: readonly string[]
  readonly textConcepts: readonly (readonly string[])[]
}

/**
 * Encode every image and every distinct caption: the caption of each row, and the `furtherTexts` of batches that have
 * them. Captions with the same tokens are one.
 */
export async function encodeDataset(
  encoders: DualEncoderRunner,
  batches: AsyncIterable<Batch>,
): Promise<EncodedDataset> {
  const imageIds: string[] = []
  const imageRows: Float32Array[] = []
  const imageConcepts: string[] = []
  const texts = new TextGallery(encoders)
  for await (const { ids, arrays, furtherTexts } of batches) {
    const { pixelValues, inputIds, concepts } = arrays as Record<string, HostArray>
    imageIds.push(...ids)
    imageRows.push(...splitRows(await encoders.encodeImages(pixelValues!), ids.length))
    const features = splitRows(await encoders.encodeTexts(inputIds!), ids.length)
    const tokens = splitRows(inputIds!.data as BigInt64Array, ids.length)
    for (const [row, id] of ids.entries()) {
      const concept = String(concepts!.data[row])
      imageConcepts.push(concept)
      texts.add({ id, caption: 0, concept, tokens: tokens[row]! }, features[row])
      for (const [i, further] of (furtherTexts?.[row] ?? []).entries()) {
        texts.add({ id, caption: i + 1, concept, tokens: further })
      }
    }
    await texts.encode()
  }
  return {
    imageIds,
    imageFeatures: joinRows(imageRows),
    width: imageRows[0]?.length ?? 0,
    imageConcepts,
    ...texts.dataset,
  }
}

/**
 * Encode every image, without captions: the images of another form of a data set whose captions are encoded already.
 * @returns The fields of {@link encodeDataset} that images decide.
 */
export async function encodeImages(
  encoders: Pick<DualEncoderRunner, 'encodeImages'>,
  batches: AsyncIterable<Batch>,
): Promise<Pick<EncodedDataset, 'imageIds' | 'imageFeatures' | 'imageConcepts'>> {
  const imageIds: string[] = []
  const imageRows: Float32Array[] = []
  const imageConcepts: string[] = []
  for await (const { ids, arrays } of batches) {
    const { pixelValues, concepts } = arrays as Record<string, HostArray>
    imageIds.push(...ids)
    imageRows.push(await encoders.encodeImages(pixelValues!))
    for (const concept of concepts!.data) imageConcepts.push(String(concept))
  }
  return { imageIds, imageFeatures: joinRows(imageRows), imageConcepts }
}

/** Number of further captions that are encoded at once. */
const textsAtOnce = 64

/** A caption of an image. */
interface Text {
  readonly id: string
  readonly caption: number
  readonly concept: string
  readonly tokens: BigInt64Array
}

/** The distinct captions of a data set, in order of first occurrence. */
class TextGallery {
  readonly #encoders: DualEncoderRunner
  readonly #texts: Text[] = []
  readonly #features: Float32Array[] = []
  readonly #places = new Map<string, number>()
  readonly #concepts: Set<string>[] = []
  /** Places of captions that are not yet encoded. */
  readonly #waiting: number[] = []

  constructor(encoders: DualEncoderRunner) {
    this.#encoders = encoders
  }

  /** Add a caption. A known caption is marked as correct for one more concept. */
  add(text: Text, features?: Float32Array): void {
    const key = text.tokens.join()
    const known = this.#places.get(key)
    if (known !== undefined) return void this.#concepts[known]!.add(text.concept)
    const place = this.#texts.push(text) - 1
    this.#places.set(key, place)
    this.#concepts.push(new Set([text.concept]))
    if (features) this.#features[place] = features
    else this.#waiting.push(place)
  }

  /** Encode the captions that came without features. */
  async encode(): Promise<void> {
    while (this.#waiting.length > 0) {
      const places = this.#waiting.splice(0, textsAtOnce)
      const rows = places.map((place) => this.#texts[place]!.tokens)
      const inputIds = zeros('int64', [rows.length, rows[0]!.length])
      for (const [row, tokens] of rows.entries()) inputIds.data.set(tokens, row * tokens.length)
      const features = await this.#encoders.encodeTexts(inputIds)
      for (const [i, row] of splitRows(features, places.length).entries()) this.#features[places[i]!] = row
    }
  }

  get dataset(): Pick<EncodedDataset, 'textIds' | 'textCaptions' | 'textFeatures' | 'textConcepts'> {
    return {
      textIds: this.#texts.map(({ id }) => id),
      textCaptions: this.#texts.map(({ caption }) => caption),
      textFeatures: joinRows(this.#features),
      textConcepts: this.#concepts.map((concepts) => [...concepts]),
    }
  }
}
