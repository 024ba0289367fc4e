import { type HostArray, zeros } from '../../core/index.ts'
import type { Tokenizer } from '../text/index.ts'
import type { Shares } from './mix-labels.ts'

/** Beyond this share of a sample its own text is taken, below 1 − this its partner's, in between both. */
export const ownText = 0.7

/** The texts of a batch before mixing: as words and as rows of [batch, length]. */
export interface Texts {
  readonly captions: readonly string[]
  readonly inputIds: HostArray<'int64'>
  readonly attentionMask: HostArray<'int64'>
}

/** The texts after it, and how much of what each says is about its own sample. */
export interface MixedTexts {
  readonly inputIds: HostArray<'int64'>
  readonly attentionMask: HostArray<'int64'>
  readonly shares: Float32Array
}

/**
 * The text of each mixed sample: its own above 0.7, its partner's below 0.3, else "one and the other"; where that
 * has more tokens than a row, the text of the larger share.
 */
export function mixTexts(
  { captions, inputIds, attentionMask }: Texts,
  { own, partners }: Shares,
  tokenizer: Tokenizer,
): MixedTexts {
  const [rows, length] = inputIds.shape as [number, number]
  const mixed = {
    inputIds: zeros('int64', inputIds.shape),
    attentionMask: zeros('int64', attentionMask.shape),
    shares: new Float32Array(rows),
  }
  for (const [row, partner] of partners.entries()) {
    const share = own[row]!
    const joined =
      share >= 1 - ownText && share <= ownText && partner !== row
        ? encodeWhole(`${captions[row]} and ${captions[partner]}`, length, tokenizer)
        : undefined
    const source = share >= 0.5 ? row : partner
    const whole = (array: HostArray<'int64'>) => array.data.subarray(source * length, (source + 1) * length)
    mixed.inputIds.data.set(joined?.inputIds.map(BigInt) ?? whole(inputIds), row * length)
    mixed.attentionMask.data.set(joined?.attentionMask.map(BigInt) ?? whole(attentionMask), row * length)
    mixed.shares[row] = joined ? share : Number(source === row)
  }
  return mixed
}

/** A text in a row of `length` tokens; undefined when it has more. */
function encodeWhole(text: string, length: number, tokenizer: Tokenizer) {
  const encoded = tokenizer.encode(text, length)
  return encoded.tokens > length ? undefined : encoded
}
