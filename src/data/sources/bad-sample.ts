import { DataError, type ErrorFacts } from '../../core/index.ts'
import type { Sample } from '../sample.ts'

/** An error about one sample: where it is (`captions.csv:17`), what is wrong, and the way out. */
export function badSample(
  code: DataError['code'],
  place: string,
  problem: string,
  facts: ErrorFacts,
  options: { cause?: unknown } = {},
): DataError {
  return new DataError(code, `${place}: ${problem}. Correct it`, facts, options)
}

/** What is thrown about a bad sample: its error with the other way out, which one that was left out has no need of. */
export const stoppedBy = ({
  code,
  message,
  facts,
  cause,
}: Pick<DataError, 'code' | 'message' | 'facts' | 'cause'>) =>
  new DataError(code, `${message}, or leave bad samples out with --on-bad-sample skip`, facts, { cause })

/** `captions.jsonl:17, sample photo-3` */
export const samplePlace = ({ id, origin: { file, line } }: Pick<Sample, 'id' | 'origin'>): string =>
  `${line === undefined ? file : `${file}:${line}`}, sample ${id}`
