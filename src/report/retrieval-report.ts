import { htmlTable } from './html-table.ts'
import type { Figure, Section } from './page.ts'
import { formatNumber, humanize } from './quantity.ts'
import { type RetrievalResult, retrievalTable } from './retrieval-table.ts'
import type { ReportPart } from './training-report.ts'

/** Retrieval in both directions, as a part of a report. */
export const retrievalReport = (results: Readonly<Record<string, RetrievalResult>>): ReportPart => ({
  figures: retrievalFigures(results),
  sections: retrievalSection(results),
})

function retrievalSection(retrieval: Readonly<Record<string, RetrievalResult>>): Section[] {
  if (Object.keys(retrieval).length === 0) return []
  const note =
    'R@k: percent of queries with a correct item among the first k. MedR and MeanR: median and mean rank of the ' +
    'first correct item. Ranks are taken over the whole gallery; ties count against the model.'
  return [{ title: 'Retrieval', note, body: htmlTable(retrievalTable(retrieval)) }]
}

const retrievalFigures = (retrieval: Readonly<Record<string, RetrievalResult>>): Figure[] =>
  Object.entries(retrieval).flatMap(([set, { imageToText, textToImage }]) => [
    recallFigure(set, 'image → text', imageToText),
    recallFigure(set, 'text → image', textToImage),
  ])

const recallFigure = (set: string, direction: string, metrics: Readonly<Record<string, number>>): Figure => ({
  label: humanize(set),
  value: `${formatNumber(metrics['R@1'] ?? Number.NaN, 1)} %`,
  more: `R@1, ${direction}`,
})
