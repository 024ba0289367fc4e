import { type Batch, DataError, float32, type HostArray, random, splitRows } from '../../core/index.ts'
import type { MaskedRunner, MaskedValues, VlmModel } from '../../models/index.ts'
import type { Metrics } from '../task.ts'
import type { WordCounts } from './caption-metrics.ts'
import { drawMasks, type Masks, maskCounts } from './draw-masks.ts'
import { normalizedPatch, patchRows } from './patch-rows.ts'

/** Seed of the masks of an evaluation: every model is asked the same. */
const seed = 0

/** Number of times that a data set is masked anew: more words are asked for than one masking has. */
const rounds = 2

/** Accuracy of a model about masked words. */
export interface WordMetrics {
  /** Fraction of the masked words that are the most probable one. */
  readonly accuracy: number
  /** Mean of −log of the probability of the right word. */
  readonly loss: number
  readonly [name: string]: number
}

/** Results of masked modelling on a data set. */
export type MaskedMetrics = Metrics & {
  /** Mean squared error of the masked patches; missing for a model that predicts features. */
  readonly patchError?: number
  readonly withImage: WordMetrics
  /** The same model and masks, but no word reads the image. */
  readonly withoutImage: WordMetrics
  /** The same with the image of another sample; missing where batches have one sample. */
  readonly otherImages?: WordMetrics
  /** Number of masked words that were asked for. */
  readonly words: number
  /** Number of texts without a word that could be masked. */
  readonly textsWithoutWords: number
}

/** One masking of a batch with what the model put in the place of the masks. */
export interface MaskedRound {
  readonly batch: Batch
  readonly masks: Masks
  readonly values: MaskedValues
  /** Answers without the image. */
  readonly alone: MaskedValues
}

/**
 * Masked modelling of a data set: every text is masked a few times, its image too, and the model asked with its image,
 * without one (hidden from the words in the fusion), and with the image of another sample of the batch.
 *
 * @param onRound Receiver of the first masking of each batch, for examples.
 * @param onText Receiver of the counts of each text with its image, once for each masking.
 * @throws DataError `data/empty` for data without samples.
 */
export async function maskedMetrics(
  runner: MaskedRunner,
  model: VlmModel,
  batches: AsyncIterable<Batch>,
  onRound: (round: MaskedRound) => void = () => {},
  onText: (id: string, counts: WordCounts) => void = () => {},
): Promise<MaskedMetrics> {
  const counts = maskCounts(model)
  const hasPixels = model.config.masked_config!.target === 'pixels'
  const [own, alone, other] = [new WordTally(), new WordTally(), new WordTally()]
  const patches = { error: 0, images: 0 }
  let textsWithoutWords = 0
  for await (const batch of batches) {
    const { ids, arrays } = batch
    const count = ids.length
    for (let round = 0; round < rounds; round++) {
      const masks = drawMasks(batch, (id) => random(seed, 'masks', round, id), counts)
      const ask = (images: HostArray, seen: number) =>
        runner.reconstruct({
          pixelValues: images,
          inputIds: arrays.inputIds!,
          ...masks,
          imageSeen: float32([count], new Float32Array(count).fill(seen)),
        })
      const values = await ask(arrays.pixelValues!, 1)
      const withoutImage = await ask(arrays.pixelValues!, 0)
      own.add(batch, masks, values, onText)
      alone.add(batch, masks, withoutImage)
      if (count > 1) other.add(batch, masks, await ask(rolled(arrays.pixelValues!, count), 1))
      if (hasPixels) patches.error += sum(patchErrors(batch, masks, values, model))
      patches.images += count
      if (round > 0) continue
      onRound({ batch, masks, values, alone: withoutImage })
      textsWithoutWords += splitRows(masks.maskedTokens.data, count).filter((row) => row[0] === -1n).length
    }
  }
  if (patches.images === 0)
    throw new DataError('data/empty', 'nothing can be measured: the data has no samples')
  return {
    ...(hasPixels && { patchError: patches.error / patches.images }),
    withImage: own.metrics,
    withoutImage: alone.metrics,
    ...(other.words > 0 && { otherImages: other.metrics }),
    words: own.words,
    textsWithoutWords,
  }
}

/** Count of masked words and of what was said about them. */
class WordTally {
  words = 0
  #right = 0
  #loss = 0

  add(
    { ids, arrays }: Batch,
    { maskedTokens }: Masks,
    { words, logProbabilities }: MaskedValues,
    onText?: (id: string, counts: WordCounts) => void,
  ): void {
    const [count, most] = maskedTokens.shape as readonly [number, number]
    const rows = splitRows(arrays.inputIds!.data as BigInt64Array, count)
    const counts = ids.map(() => ({ words: 0, right: 0, loss: 0 }))
    for (const [i, place] of maskedTokens.data.entries()) {
      if (place < 0n) continue
      const row = Math.floor(i / most)
      const own = counts[row]!
      own.words += 1
      own.loss -= logProbabilities[i]!
      if (rows[row]![Number(place)] === words[i]) own.right += 1
    }
    for (const [row, own] of counts.entries()) {
      this.words += own.words
      this.#right += own.right
      this.#loss += own.loss
      onText?.(ids[row]!, own)
    }
  }

  /** Accuracy and loss; both 0 without a word. */
  get metrics(): WordMetrics {
    const count = Math.max(1, this.words)
    return { accuracy: this.#right / count, loss: this.#loss / count }
  }
}

/** Images with those of the first half behind the second: no image stays with its text. */
function rolled({ dtype, shape, data }: HostArray, count: number): HostArray {
  const rows = splitRows(data as Float32Array, count)
  const first = Math.floor(count / 2)
  const moved = [...rows.slice(first), ...rows.slice(0, first)]
  const joined = new Float32Array(data.length)
  for (const [i, row] of moved.entries()) joined.set(row, i * row.length)
  return { dtype, shape, data: joined } as HostArray
}

/** Mean squared error over the masked patches of each image. */
function patchErrors(
  { ids, arrays }: Batch,
  { visiblePatches }: Masks,
  { patches }: MaskedValues,
  model: VlmModel,
): number[] {
  const images = splitRows(arrays.pixelValues!.data as Float32Array, ids.length)
  const predicted = splitRows(patches, ids.length)
  return splitRows(visiblePatches.data, ids.length).map((visible, row) => {
    const targets = patchRows(images[row]!, model).map((patch) => normalizedPatch(patch).values)
    const answers = splitRows(predicted[row]!, targets.length)
    const masked = targets.flatMap((target, place) =>
      visible.includes(BigInt(place)) ? [] : [meanSquare(target, answers[place]!)],
    )
    return sum(masked) / masked.length
  })
}

const meanSquare = (a: Float32Array, b: Float32Array): number =>
  a.reduce((total, value, i) => total + (value - b[i]!) ** 2, 0) / a.length

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
