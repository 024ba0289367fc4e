import { type Batch, DataError, float32, type HostArray, splitRows } from '../../core/index.ts'
import type { MaskedRunner, MaskedValues, VlmModel } from '../../models/index.ts'
import type { Metrics } from '../task.ts'
import { type Masks, maskCounts } from './draw-masks.ts'
import { maskRounds, takeRows } from './mask-rounds.ts'
import { normalizedPatch, patchRows } from './patch-rows.ts'
import { type ImageGain, imageGain, type TextCounts, type WordMetrics, WordTally } from './word-tally.ts'

/** Results of masked modelling on a data set. */
export type MaskedMetrics = Metrics & {
  /** Mean squared error of the masked patches; missing for a model that predicts features. */
  readonly patchError?: number
  readonly withImage: WordMetrics
  /** The same model and masks, but no word reads the image. */
  readonly withoutImage: WordMetrics
  /** Gain by the image: the paired difference of both, with its interval; missing without words. */
  readonly imageGain?: ImageGain
  /** The same with the image of another sample; missing where batches have one sample. */
  readonly otherImages?: WordMetrics
  /** Number of words that were asked for: all words of all texts, each once. */
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
 * Masked modelling of a data set: every word of every text is masked once, in rounds of {@link maskRounds}, the image of the text
 * too, and the model is asked with its image, without one (hidden from the words in the fusion), and with the image of another
 * sample of the batch. Nothing of it is drawn at random but the patches, and these are the same for every model.
 *
 * @param onRound Receiver of the first round of each batch, for examples.
 * @param onText Receiver of the counts of each text, once for each of its rounds.
 * @throws DataError `data/empty` for data without samples.
 */
export async function maskedMetrics(
  runner: MaskedRunner,
  model: VlmModel,
  batches: AsyncIterable<Batch>,
  onRound: (round: MaskedRound) => void = () => {},
  onText: (id: string, counts: TextCounts) => void = () => {},
): Promise<MaskedMetrics> {
  const counts = maskCounts(model)
  const hasPixels = model.config.masked_config!.target === 'pixels'
  const [own, alone, other] = [new WordTally(), new WordTally(), new WordTally()]
  let [images, error, textsWithoutWords] = [0, 0, 0]
  for await (const whole of batches) {
    for (const [place, { rows, batch, masks, rounds }] of maskRounds(whole, counts).entries()) {
      const ask = (pixelValues: HostArray, seen: number) =>
        reconstruct(runner, batch, masks, pixelValues, seen)
      const pixels = batch.arrays.pixelValues!
      const [values, withoutImage] = [await ask(pixels, 1), await ask(pixels, 0)]
      const [told, toldAlone] = [own.add(batch, masks, values), alone.add(batch, masks, withoutImage)]
      for (const [row, id] of batch.ids.entries())
        onText(id, { withImage: told[row]!, withoutImage: toldAlone[row]! })
      if (whole.ids.length > 1) other.add(batch, masks, await ask(otherImages(whole, rows), 1))
      if (hasPixels)
        error += sum(patchErrors(batch, masks, values, model).map((each, i) => each / rounds[i]!))
      if (place > 0) continue
      onRound({ batch, masks, values, alone: withoutImage })
      textsWithoutWords += told.filter(({ words }) => words === 0).length
    }
    images += whole.ids.length
  }
  if (images === 0) throw new DataError('data/empty', 'nothing can be measured: the data has no samples')
  return {
    ...(hasPixels && { patchError: error / images }),
    withImage: own.metrics,
    withoutImage: alone.metrics,
    ...(own.words > 0 && { imageGain: imageGain(own, alone) }),
    ...(other.words > 0 && { otherImages: other.metrics }),
    words: own.words,
    textsWithoutWords,
  }
}

/** Ask for what is behind masks. @param seen 1 where the words read the image, 0 where they do not. */
function reconstruct(
  runner: MaskedRunner,
  { ids, arrays }: Batch,
  masks: Masks,
  pixelValues: HostArray,
  seen: number,
): Promise<MaskedValues> {
  const imageSeen = float32([ids.length], new Float32Array(ids.length).fill(seen))
  return runner.reconstruct({ pixelValues, inputIds: arrays.inputIds!, ...masks, imageSeen })
}

/** Images for some texts of a batch, each from half a batch away: no image stays with its text. */
function otherImages({ ids, arrays }: Batch, rows: readonly number[]): HostArray {
  const half = Math.floor(ids.length / 2)
  return takeRows(
    arrays.pixelValues!,
    rows.map((row) => (row + half) % ids.length),
  )
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
