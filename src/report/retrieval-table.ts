import { humanize } from './quantity.ts'
import type { Table } from './table.ts'

/** Retrieval of one test set in both directions, as `metrics` computes it. Recalls in percent. */
export interface RetrievalResult {
  /** `R@1`, `R@5`, `R@10`, `MedR`, `MeanR` */
  readonly imageToText: Readonly<Record<string, number>>
  readonly textToImage: Readonly<Record<string, number>>
  /** Number of images that text→image searches. */
  readonly gallery: number
  /** Number of distinct captions that image→text searches. Default: as many as images. */
  readonly captions?: number
}

/** A table with one row a test set and direction: recalls, ranks, and the number of items searched. */
export function retrievalTable(results: Readonly<Record<string, RetrievalResult>>): Table {
  const names = [...new Set(Object.values(results).flatMap((result) => Object.keys(result.imageToText)))]
  return {
    columns: [
      { title: 'Test set' },
      { title: 'Direction' },
      ...names.map((title) => ({ title: title.startsWith('R@') ? `${title} %` : title, digits: 1 })),
      { title: 'Gallery' },
    ],
    rows: Object.entries(results).flatMap(([set, { imageToText, textToImage, gallery, captions }]) => [
      [humanize(set), 'image → text', ...names.map((name) => imageToText[name]), captions ?? gallery],
      [humanize(set), 'text → image', ...names.map((name) => textToImage[name]), gallery],
    ]),
  }
}
