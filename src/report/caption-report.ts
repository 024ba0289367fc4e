import { htmlTable } from './html-table.ts'
import type { Figure, Section } from './page.ts'
import { humanize, percent } from './quantity.ts'
import type { Table } from './table.ts'
import type { ReportPart } from './training-report.ts'

/** Results of captioning on one test set. */
export interface CaptionResult {
  /** Fraction of the words that are the most probable one behind the words before it. */
  readonly wordAccuracy: number
  readonly perplexity: number
  readonly words: number
}

/** A table with one row a test set: accuracy and perplexity of the words. */
export const captionTable = (results: Readonly<Record<string, CaptionResult>>): Table => ({
  columns: [
    { title: 'Test set' },
    { title: 'Words' },
    { title: 'Right %', digits: 1 },
    { title: 'Perplexity', digits: 2 },
  ],
  rows: Object.entries(results).map(([set, { wordAccuracy, perplexity, words }]) => [
    humanize(set),
    words,
    100 * wordAccuracy,
    perplexity,
  ]),
})

/** Captioning, as a part of a report. */
export const captionReport = (results: Readonly<Record<string, CaptionResult>>): ReportPart => ({
  figures: Object.entries(results).map(figureOf),
  sections: sectionsOf(results),
})

const figureOf = ([set, { wordAccuracy }]: readonly [string, CaptionResult]): Figure => ({
  label: humanize(set),
  value: percent(wordAccuracy),
  more: 'next words of captions',
})

function sectionsOf(results: Readonly<Record<string, CaptionResult>>): Section[] {
  if (Object.keys(results).length === 0) return []
  const note =
    'Right: percent of the words, ends included, that are the most probable one behind the right words before it. Perplexity: ' +
    'exp of the mean of −log p.'
  return [{ title: 'Captions', note, body: htmlTable(captionTable(results)) }]
}
