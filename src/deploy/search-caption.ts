import { ConfigError, type HostArray, hostArray, int64 } from '../core/index.ts'
import type { Tokenizer } from '../data/text/index.ts'
import type { CaptionRunner } from '../models/index.ts'

/** Options of a search for a caption. */
export interface CaptionSearch {
  /** Texts that are followed at once, from 1. */
  readonly beams: number
  /** Largest number of tokens, start and end included, from 2. */
  readonly length: number
}

/** A text that is being written. */
export interface Hypothesis {
  readonly ids: readonly number[]
  readonly logProbability: number
  readonly ended: boolean
}

interface Followed extends Hypothesis {
  /** True for the text that takes the most probable word each time. */
  readonly isGreedy: boolean
}

/**
 * Beam search for the most probable caption of one image. The greedy caption is always among those that are followed, so
 * that more beams never find a less probable one. Probabilities are not divided by lengths.
 *
 * @param pixelValues [1, channels, height, width]
 * @throws ConfigError `deploy/caption-search` for a number of beams or tokens that is too small, or a tokenizer without
 * start and end.
 */
export async function searchCaption(
  runner: CaptionRunner,
  pixelValues: HostArray,
  { startId, endId, padId }: Pick<Tokenizer, 'startId' | 'endId' | 'padId'>,
  { beams, length }: CaptionSearch,
): Promise<Hypothesis> {
  requireSearch(beams, length)
  if (startId === undefined || endId === undefined) {
    const message = 'the tokenizer has no start or end token, between which a caption could be written'
    throw new ConfigError('deploy/caption-search', message, { startId, endId })
  }
  const patches = await runner.encodeImages(pixelValues)
  const never = [startId, ...(padId === endId ? [] : [padId])]
  let followed: readonly Followed[] = [{ ids: [startId], logProbability: 0, ended: false, isGreedy: true }]
  while (followed.some(({ ended, ids }) => !ended && ids.length < length)) {
    const open = followed.filter(({ ended }) => !ended)
    const scores = await nextScores(runner, patches, open, never)
    const children = open.flatMap((parent, i) => childrenOf(parent, scores[i]!, beams, endId))
    followed = bestOf([...followed.filter(({ ended }) => ended), ...children], beams)
  }
  return followed.reduce((best, other) => (other.logProbability > best.logProbability ? other : best))
}

function requireSearch(beams: number, length: number): void {
  if (Number.isInteger(beams) && beams >= 1 && Number.isInteger(length) && length >= 2) return
  const message = `a caption is searched with 1 beam or more, and has 2 tokens or more; not ${beams} and ${length}`
  throw new ConfigError('deploy/caption-search', message, { beams, length })
}

/** Logarithms of the probabilities of the next word of each text. */
async function nextScores(
  runner: CaptionRunner,
  { shape, data }: HostArray<'float32'>,
  texts: readonly Hypothesis[],
  never: readonly number[],
): Promise<Float64Array[]> {
  const count = texts.length
  const repeated = new Float32Array(count * data.length)
  for (let i = 0; i < count; i++) repeated.set(data, i * data.length)
  const patches = hostArray('float32', [count, ...shape.slice(1)], repeated)
  const ids = texts.flatMap((text) => text.ids)
  const logits = await runner.nextWords(patches, int64([count, texts[0]!.ids.length], ids))
  const vocabulary = logits.length / count
  return texts.map((_, i) => logProbabilities(logits.subarray(i * vocabulary, (i + 1) * vocabulary), never))
}

/** log softmax of a row, −∞ for words that are never written. */
function logProbabilities(logits: Float32Array, never: readonly number[]): Float64Array {
  const scores = Float64Array.from(logits)
  for (const id of never) scores[id] = Number.NEGATIVE_INFINITY
  const largest = scores.reduce((most, score) => Math.max(most, score))
  const total = scores.reduce((sum, score) => sum + Math.exp(score - largest), 0)
  return scores.map((score) => score - largest - Math.log(total))
}

/** The most probable continuations of a text. */
function childrenOf(parent: Followed, scores: Float64Array, beams: number, endId: number): Followed[] {
  const best = Array.from(scores.keys())
    .sort((a, b) => scores[b]! - scores[a]! || a - b)
    .slice(0, beams)
  return best.map((id, place) => ({
    ids: [...parent.ids, id],
    logProbability: parent.logProbability + scores[id]!,
    ended: id === endId,
    isGreedy: parent.isGreedy && place === 0,
  }))
}

/** The most probable texts, and the greedy one. */
function bestOf(texts: readonly Followed[], beams: number): Followed[] {
  const sorted = texts.toSorted((a, b) => b.logProbability - a.logProbability)
  const kept = sorted.slice(0, beams)
  return kept.some(({ isGreedy }) => isGreedy) ? kept : [...kept, sorted.find(({ isGreedy }) => isGreedy)!]
}
