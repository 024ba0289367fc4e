import { type HostArray, hostArray } from '../../core/index.ts'
import { toHost } from '../../engine/index.ts'
import type { RunGraph } from '../run-graph.ts'

/** Judgement of the words of captions, each behind those before it, row after row. */
export interface CaptionScores {
  /** The most probable words, [captions, length − 1]. */
  readonly words: BigInt64Array
  /** Logarithms of the probabilities of the words that the captions have, [captions, length − 1]. */
  readonly logProbabilities: Float32Array
}

/** A model that tells how probable captions are. */
export interface CaptionScorer {
  /** @param pixelValues [captions, channels, height, width]  @param inputIds [captions, length] int64 */
  score(pixelValues: HostArray, inputIds: HostArray): Promise<CaptionScores>
}

/** A model that also writes captions, word by word. */
export interface CaptionRunner extends CaptionScorer {
  /** [images, channels, height, width] → states of the patches [images, patches, width]. */
  encodeImages(pixelValues: HostArray): Promise<HostArray<'float32'>>
  /**
   * Logits of the next words, [texts, vocabulary], row after row.
   * @param patches Of the image of each text.  @param inputIds Texts so far, [texts, length] int64.
   */
  nextWords(patches: HostArray, inputIds: HostArray): Promise<Float32Array>
}

/** The scorer of the graph `captions`. */
export const captionScorer = (run: RunGraph): CaptionScorer => ({
  async score(pixelValues, inputIds) {
    const { words, log_probabilities } = await run({ pixel_values: pixelValues, input_ids: inputIds })
    return {
      words: await toHost(words!, 'int64'),
      logProbabilities: await toHost(log_probabilities!, 'float32'),
    }
  },
})

/** The runner of the graphs `captions`, `image_tokens` and `next_word`. */
export const captionRunner = (graphs: {
  readonly captions: RunGraph
  readonly image_tokens: RunGraph
  readonly next_word: RunGraph
}): CaptionRunner => ({
  ...captionScorer(graphs.captions),
  async encodeImages(pixelValues) {
    const { patches } = await graphs.image_tokens({ pixel_values: pixelValues })
    return hostArray('float32', patches!.dims, await toHost(patches!, 'float32'))
  },
  async nextWords(patches, inputIds) {
    const [texts, length] = inputIds.shape as readonly [number, number]
    const position = hostArray('int64', [texts], new BigInt64Array(texts).fill(BigInt(length - 1)))
    const { logits } = await graphs.next_word({ patches, input_ids: inputIds, position })
    return toHost(logits!, 'float32')
  },
})
