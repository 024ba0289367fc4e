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
  const rows = splitRows(inputIds.data, ids.length).map((tokens, row) => {
    const stream = streamOf(ids[row]!)
    const visible = chosenOf(range(patches), patches - maskedPatches, stream)
    const words = wordPlaces(tokens, counts)
    return { visible, words: chosenOf(words, numberMasked(words.length, tokenRatio), stream) }
  })
  return maskArrays(rows, numberMasked(inputIds.shape[1]!, tokenRatio))
}

/**
 * Masks of samples as arrays.
 * @param rows Places of the patches that are seen, as many for each sample, and of the masked words.
 * @param most Largest number of masked words of a text.
 */
export function maskArrays(
  rows: readonly { readonly visible: readonly bigint[]; readonly words: readonly bigint[] }[],
  most: number,
): Masks {
  const seen = rows[0]?.visible.length ?? 0
  const visiblePatches = zeros('int64', [rows.length, seen])
  const maskedTokens = zeros('int64', [rows.length, most])
  maskedTokens.data.fill(-1n)
  for (const [row, { visible, words }] of rows.entries()) {
    visiblePatches.data.set(visible, row * seen)
    maskedTokens.data.set(words, row * most)
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
export const numberMasked = (words: number, ratio: number): number =>
  Math.min(words, Math.max(1, Math.min(words - 1, Math.round(ratio * words))))

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

/** `count` of the places, in their order. */
export const chosenOf = (places: readonly number[], count: number, stream: Random): bigint[] =>
  stream
    .shuffle(places)
    .slice(0, count)
    .sort((a, b) => a - b)
    .map(BigInt)
