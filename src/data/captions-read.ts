import type { Row } from './assemble-batch.ts'
import type { PrepareSpec } from './prepare.ts'
import type { Sample } from './sample.ts'

/** How many captions were tokenized, and how many of these were longer than a row and so were cut. */
export interface CaptionCounts {
  readonly read: number
  readonly cut: number
}

/** Counts the captions of one pass: later ones meet them again. */
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
    let { read, cut } = this.#counts
    for (const { draw, texts } of rows) {
      if (draw.epoch !== this.#epoch) continue
      read += texts.read
      cut += texts.cut
    }
    this.#counts = { read, cut }
  }
}

/** The captions of a sample that may be read, so that no others need be sent to the threads. */
export const captionsSent =
  ({ firstCaption, allCaptions }: Pick<PrepareSpec, 'firstCaption' | 'allCaptions'>) =>
  ({ captions, testedCaptions }: Sample): readonly string[] => {
    if (allCaptions) return captions.slice(0, testedCaptions)
    return firstCaption === 1 ? captions.slice(0, 1) : captions
  }
