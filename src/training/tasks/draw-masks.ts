import { type Batch, type HostArray, type Random, splitRows, zeros } from '../../core/index.ts'
import { patchCounts, type VlmModel } from '../../models/index.ts'

/** Numbers of masks, and the tokens that are never masked. */
export interface MaskCounts {
  readonly patches: number
  readonly maskedPatches: number
  /** Fraction of a text's words that are masked. */
  readonly tokenRatio: number
  /** Start, end and padding: ids that are no words. */
  readonly special: ReadonlySet<bigint>
  /** Id that ends a text; undefined where configs from before 2023 mean the largest id. */
  readonly end: bigint | undefined
}

/** Masks of a batch: arrays by name. */
export interface Masks {
  /** Places of the patches that are seen, in their order: int64 [batch, visible]. */
  readonly visiblePatches: HostArray<'int64'>
  /** Places of the masked words, in their order, then −1: int64 [batch, most]. */
  readonly maskedTokens: HostArray<'int64'>
}

/** The masks that a model's config asks for. */
export function maskCounts({ config }: VlmModel): MaskCounts {
  const { vision_config, masked_config, text_config } = config
  const { patches, masked } = patchCounts({ vision_config, masked_config: masked_config! })
  const { bos_token_id, eos_token_id, pad_token_id } = text_config
  const ids = [bos_token_id, eos_token_id, pad_token_id].flatMap((id) => (id == null ? [] : [BigInt(id)]))
  return {
    patches,
    maskedPatches: masked,
    tokenRatio: masked_config!.token_ratio,
    special: new Set(ids),
    end: eos_token_id === 2 ? undefined : BigInt(eos_token_id),
  }
}

/**
 * Draw masks: of each image its own patches, as many of each; of each text its own words, at least one and of several not all, never a
 * start, end or padding token. A text without a word has no mask.
 *
 * @param streamOf Stream of random numbers of a sample.
 */
export function drawMasks(
  { ids, arrays }: Pick<Batch, 'ids' | 'arrays'>,
  streamOf: (id: string) => Random,
  counts: MaskCounts,
): Masks {
  const { patches, maskedPatches, tokenRatio } = counts
  const inputIds = arrays.inputIds as HostArray<'int64'>
  const length = inputIds.shape[1]!
  const visible = patches - maskedPatches
  const visiblePatches = zeros('int64', [ids.length, visible])
  const maskedTokens = zeros('int64', [ids.length, mostMasked(length, tokenRatio)])
  maskedTokens.data.fill(-1n)
  for (const [row, tokens] of splitRows(inputIds.data, ids.length).entries()) {
    const stream = streamOf(ids[row]!)
    const seen = chosenOf(range(patches), visible, stream)
    visiblePatches.data.set(seen, row * visible)
    const words = wordPlaces(tokens, counts)
    const masked = chosenOf(words, numberMasked(words.length, tokenRatio), stream)
    maskedTokens.data.set(masked, row * maskedTokens.shape[1]!)
  }
  return { visiblePatches, maskedTokens }
}

/** Places of the words of a text: the tokens before its first end that are not special. */
export function wordPlaces(
  tokens: BigInt64Array,
  { special, end }: Pick<MaskCounts, 'special' | 'end'>,
): number[] {
  const largest = () => tokens.indexOf(tokens.reduce((most, id) => (id > most ? id : most)))
  const found = end === undefined ? largest() : tokens.indexOf(end)
  const last = found === -1 ? tokens.length : found
  return range(last).filter((place) => !special.has(tokens[place]!))
}

/** Number of a text's words that are masked: at least one, and of several words not all. */
const numberMasked = (words: number, ratio: number): number =>
  Math.min(words, Math.max(1, Math.min(words - 1, Math.round(ratio * words))))

/** Largest number of masked words in a text of this length. */
const mostMasked = (length: number, ratio: number): number => numberMasked(length, ratio)

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

/** `count` of the places, in their order. */
const chosenOf = (places: readonly number[], count: number, stream: Random): bigint[] =>
  stream
    .shuffle(places)
    .slice(0, count)
    .sort((a, b) => a - b)
    .map(BigInt)
