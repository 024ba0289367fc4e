import { type HostArray, splitRows, zeros } from '../../core/index.ts'
import type { Tokenizer } from '../text/index.ts'
import { maskName } from '../text-rows.ts'
import type { Shares } from './mix-labels.ts'

/**
 * Share of a sample above which its own text is taken. Below 1 − this share it is its partner's text, in between both.
 */
export const ownText = 0.7

/** One text of a batch before mixing: rows of [batch, length] and their tokenizer. */
export interface MixableText {
  readonly name: string
  readonly tokenizer: Tokenizer
  readonly inputIds: HostArray<'int64'>
  readonly attentionMask: HostArray<'int64'>
}

/**
 * The text of each mixed sample: its own above 0.7, its partner's below 0.3, else "one and the other". If the joined
 * text has more tokens than a row of any text, it is the text of the larger share. So all texts have the same words. Equal
 * captions are one text.
 * @param captions Captions of the rows.
 * @returns The mixed arrays by name, and the fraction of each row's text about its own sample: 1 without texts.
 */
export function mixTexts(
  captions: readonly string[],
  texts: readonly MixableText[],
  { own, partners }: Shares,
): { arrays: Record<string, HostArray<'int64'>>; shares: Float32Array } {
  const shares = new Float32Array(captions.length).fill(1)
  if (texts.length === 0) return { arrays: {}, shares }
  const rows = texts.map(({ inputIds, attentionMask }) => ({
    inputIds: splitRows(inputIds.data, captions.length),
    attentionMask: splitRows(attentionMask.data, captions.length),
  }))
  const mixed = texts.map(({ inputIds, attentionMask }) => ({
    inputIds: zeros('int64', inputIds.shape),
    attentionMask: zeros('int64', attentionMask.shape),
  }))
  for (const [row, partner] of partners.entries()) {
    const share = own[row]!
    const both = share >= 1 - ownText && share <= ownText && captions[partner] !== captions[row]
    const joined = both ? encodeWhole(`${captions[row]} and ${captions[partner]}`, texts) : undefined
    const source = share >= 0.5 ? row : partner
    for (const [i, { inputIds, attentionMask }] of mixed.entries()) {
      const start = row * inputIds.shape[1]!
      inputIds.data.set(joined?.[i]?.inputIds.map(BigInt) ?? rows[i]!.inputIds[source]!, start)
      attentionMask.data.set(joined?.[i]?.attentionMask.map(BigInt) ?? rows[i]!.attentionMask[source]!, start)
    }
    shares[row] = joined ? share : Number(source === row)
  }
  const named = texts.flatMap(({ name }, i) => [
    [name, mixed[i]!.inputIds] as const,
    [maskName(name), mixed[i]!.attentionMask] as const,
  ])
  return { arrays: Object.fromEntries(named), shares }
}

/** Encode a caption in a row of every text; undefined when it has more tokens than one of them. */
function encodeWhole(caption: string, texts: readonly MixableText[]) {
  const encoded = texts.map(({ tokenizer, inputIds }) => tokenizer.encode(caption, inputIds.shape[1]!))
  return encoded.every(({ tokens }, i) => tokens <= texts[i]!.inputIds.shape[1]!) ? encoded : undefined
}
