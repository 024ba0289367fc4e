import { createHash } from 'node:crypto'
import { type HostArray, zeros } from '../core/index.ts'
import { type JsonObject, Tokenizer } from './text/index.ts'

/** Conversion of a caption to a row of token ids. A `Tokenizer` has the two fields. */
export interface TextSpec {
  readonly tokenizer: { readonly json: JsonObject; readonly config: JsonObject }
  /** Tokens of a row, padding included. */
  readonly length: number
}

/** Texts of a batch by the names of their arrays: `inputIds`, `teacher.inputIds`. */
export type TextSpecs = Readonly<Record<string, TextSpec>>

/** Main text, which `furtherTexts` and counts of captions refer to. */
export const mainText = 'inputIds'

/** Name of the array with the number of each main text, int64 [batch]: equal numbers are equal token ids. */
export const textNumbersName = 'texts'

/** Name of the mask of a text: `teacher.inputIds` → `teacher.attentionMask` */
export const maskName = (name: string): string => name.replace(/inputIds$/, 'attentionMask')

/** Texts of a sample after tokenization. */
export interface PreparedTexts {
  /** Caption of the row, as it was tokenized. */
  readonly caption: string
  /** Token ids of the captions beyond the first for `inputIds`, [length] each, with `allCaptions`. */
  readonly others: readonly BigInt64Array[]
  /** Count of captions that were tokenized. */
  readonly read: number
  /** Count of captions that were longer than a row, by the name of each text. */
  readonly cut: Readonly<Record<string, number>>
}

export const noTexts: PreparedTexts = { caption: '', others: [], read: 0, cut: {} }

type Rows = Readonly<Record<string, HostArray<'int64'>>>

/** Tokenization of the caption of a sample for every text. */
export class TextRows {
  readonly #texts: readonly { name: string; tokenizer: Tokenizer; length: number }[]

  constructor(specs: TextSpecs) {
    this.#texts = Object.entries(specs).map(([name, { tokenizer, length }]) => ({
      name,
      tokenizer: Tokenizer.fromJson(tokenizer.json, tokenizer.config),
      length,
    }))
  }

  /** Token ids and masks of zeros, [count, length] each, and [count] numbers of the main text. */
  empty(count: number): Rows {
    const arrays = this.#texts.flatMap(({ name, length }) =>
      [name, maskName(name)].map((array) => [array, zeros('int64', [count, length])] as const),
    )
    const hasMain = this.#texts.some(({ name }) => name === mainText)
    return {
      ...Object.fromEntries(arrays),
      ...(hasMain && { [textNumbersName]: zeros('int64', [count]) }),
    }
  }

  /** Write a row. Other captions are tokenized for the main text, and counted for all. */
  write(rows: Rows, index: number, caption: string, otherCaptions: readonly string[]): PreparedTexts {
    const cut: Record<string, number> = {}
    let others: readonly BigInt64Array[] = []
    for (const { name, tokenizer, length } of this.#texts) {
      const encoded = [caption, ...otherCaptions].map((text) => tokenizer.encode(text, length))
      rows[name]!.data.set(encoded[0]!.inputIds.map(BigInt), index * length)
      rows[maskName(name)]!.data.set(encoded[0]!.attentionMask.map(BigInt), index * length)
      cut[name] = encoded.filter(({ tokens }) => tokens > length).length
      if (name !== mainText) continue
      others = encoded.slice(1).map((other) => BigInt64Array.from(other.inputIds, BigInt))
      rows[textNumbersName]!.data[index] = textNumber(encoded[0]!.inputIds)
    }
    return { caption, others, read: this.#texts.length > 0 ? 1 + otherCaptions.length : 0, cut }
  }
}

/** Number of a text, the same in every batch: the first 64 bits of the SHA-256 of its token ids. */
const textNumber = (inputIds: readonly number[]): bigint =>
  createHash('sha256').update(inputIds.join()).digest().readBigInt64LE()
