import { DataError, type ErrorFacts } from '../../core/index.ts'
import type { Sample } from '../sample.ts'

/** An error about one sample: where it is (`captions.csv:17`), what is wrong, and the way out. */
export function badSample(
  code: `data/${string}`,
  place: string,
  problem: string,
  facts: ErrorFacts,
  options: { cause?: unknown } = {},
): DataError {
  const wayOut = 'Correct it, or leave bad samples out with --on-bad-sample skip'
  return new DataError(code, `${place}: ${problem}. ${wayOut}`, facts, options)
}

/** `captions.jsonl:17, sample photo-3` */
export const samplePlace = ({ id, origin: { file, line } }: Pick<Sample, 'id' | 'origin'>): string =>
  `${line === undefined ? file : `${file}:${line}`}, sample ${id}`
