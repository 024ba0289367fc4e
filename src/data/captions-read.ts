import type { Row } from './assemble-batch.ts'
import type { PrepareSpec } from './prepare.ts'
import type { Sample } from './sample.ts'
import { mainText } from './text-rows.ts'

/** Counts of captions that were tokenized, and of captions that were cut because they were longer than a row. */
export interface CaptionCounts {
  readonly read: number
  /** Cut captions of `inputIds`. */
  readonly cut: number
  /** Cut captions of each further text by its name, where there are any. */
  readonly cutFor?: Readonly<Record<string, number>>
}

/** Counter of the captions of one pass: later passes meet the same captions again. */
export class CaptionCounter {
  readonly #epoch: number
  #counts: CaptionCounts = { read: 0, cut: 0 }

  constructor(epoch: number) {
    this.#epoch = epoch
  }

  get counts(): CaptionCounts {
    return this.#counts
  }

  count(rows: readonly Row[]): void {
    let { read } = this.#counts
    const cut: Record<string, number> = { [mainText]: this.#counts.cut, ...this.#counts.cutFor }
    for (const { draw, texts } of rows) {
      if (draw.epoch !== this.#epoch) continue
      read += texts.read
      for (const [name, count] of Object.entries(texts.cut)) cut[name] = (cut[name] ?? 0) + count
    }
    const { [mainText]: main = 0, ...further } = cut
    this.#counts = { read, cut: main, ...(Object.keys(further).length > 0 && { cutFor: further }) }
  }
}

/** Captions of a sample that may be read. No others need to be sent to the threads. */
export const captionsSent =
  ({ firstCaption, allCaptions }: Pick<PrepareSpec, 'firstCaption' | 'allCaptions'>) =>
  ({ captions, testedCaptions }: Sample): readonly string[] => {
    if (allCaptions) return captions.slice(0, testedCaptions)
    return firstCaption === 1 ? captions.slice(0, 1) : captions
  }
