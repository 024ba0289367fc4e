import type { DataError } from '../core/index.ts'
import type { ArrayKind, LabelKind, Sample } from './sample.ts'

/** What to do with a sample that cannot be used. */
export type OnBadSample = 'fail' | 'skip'

/** How a source reports what it left out; the loader counts these for the summary. */
export type BadSampleReport = (error: DataError) => void

/**
 * A data set: a stream of samples in a fixed order.
 *
 * One pass yields every sample once, always in the same order; shuffling belongs to the sampler. A source
 * throws `DataError` for a bad row unless `onBad` is given, which then receives the error while the pass
 * goes on. Good or bad, each has a *place* in the pass, counted from 0: every sample and every error of a pass
 * takes one, so that a place is found again without looking at what came before.
 */
export interface Source {
  /** Short name for messages and reports, e.g. `emoji(train)`. */
  readonly name: string
  /** Plain data from which `openSource` makes this source again: what a recipe stores. */
  readonly spec?: Readonly<Record<string, unknown>>
  /** Places in one pass, when known without reading it all. */
  readonly size?: number
  /** What the samples' labels mean, by name. In batches a label is float32 [batch, numbers] under its name, and
   * `<name>Present` float32 [batch] is 1 where a sample has it, 0 where it lacks it. */
  readonly labels?: Readonly<Record<string, LabelKind>>
  /** The arrays that every sample brings, by name. In batches each is [batch, ...shape] under its name. */
  readonly arrays?: Readonly<Record<string, ArrayKind>>
  /** What the classes of a label are called, by its name, for people to read. */
  readonly classNames?: Readonly<Record<string, readonly string[]>>
  /** A pass, beginning at place `skip` (default 0; resume seeks with it, without decoding). */
  samples(options?: { skip?: number; onBad?: BadSampleReport }): AsyncIterable<Sample>
  /** Counts the places of a pass faster than a pass would, where `size` is not known. */
  countPlaces?(): Promise<number>
  /** The part of one rank of several, if there is a better one than every n-th sample: see `shareOf`. */
  share?(member: Member): Source
}

/** A place among those who share data: a `Communicator` has these two fields. */
export interface Member {
  /** From 0. */
  readonly rank: number
  /** How many there are. */
  readonly size: number
}
