import { DataError, type ErrorFacts } from '../../core/index.ts'
import type { Sample } from '../sample.ts'

/** Make an error about one sample, with its place (`captions.csv:17`), the problem and the remedy. */
export function badSample(
  code: DataError['code'],
  place: string,
  problem: string,
  facts: ErrorFacts,
  options: { cause?: unknown } = {},
): DataError {
  return new DataError(code, `${place}: ${problem}. Correct it`, facts, options)
}

/** Error to throw about a bad sample. It adds the remedy of skipping, which a skipped sample does not need. */
export const stoppedBy = ({
  code,
  message,
  facts,
  cause,
}: Pick<DataError, 'code' | 'message' | 'facts' | 'cause'>) =>
  new DataError(code, `${message}, or leave bad samples out with --on-bad-sample skip`, facts, { cause })

/** Place of a sample for messages: `captions.jsonl:17, sample photo-3` */
export const samplePlace = ({ id, origin: { file, line } }: Pick<Sample, 'id' | 'origin'>): string =>
  `${line === undefined ? file : `${file}:${line}`}, sample ${id}`
