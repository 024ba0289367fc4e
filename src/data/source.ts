import type { DataError } from '../core/index.ts'
import type { ArrayKind, ArrayStatistics, LabelKind, Sample } from './sample.ts'

/** Treatment of a sample that cannot be used. */
export type OnBadSample = 'fail' | 'skip'

/** Report of a sample that a source left out; the loader counts these for the summary. */
export type BadSampleReport = (error: DataError) => void

/**
 * A data set: a stream of samples in a fixed order.
 *
 * One pass yields every sample once, always in the same order; shuffling belongs to the sampler. A source throws
 * `DataError` for a bad row; with `onBad` the callback receives the error and the pass goes on. Every sample and every
 * error has a *place* in the pass, counted from 0. So a place is found again without a look at earlier ones.
 */
export interface Source {
  /** Short name for messages and reports, e.g. `emoji(train)`. */
  readonly name: string
  /** Description of the source for recipes: plain data from which `openSource` makes it again. */
  readonly spec?: Readonly<Record<string, unknown>>
  /** Places in one pass, when known without reading it all. */
  readonly size?: number
  /**
   * Kinds of the samples' labels, by name. In batches a label is float32 [batch, numbers] under its name, and
   * `<name>Present` float32 [batch] is 1 where a sample has it, 0 where it lacks it.
   */
  readonly labels?: Readonly<Record<string, LabelKind>>
  /** The arrays that every sample brings, by name. In batches each is [batch, ...shape] under its name. */
  readonly arrays?: Readonly<Record<string, ArrayKind>>
  /** Names of the classes of a label, by its name, for people to read. */
  readonly classNames?: Readonly<Record<string, readonly string[]>>
  /**
   * Names of the cameras of every sample, the first of them `image`, the others `views`. With several, batches hold
   * `pixelValues` as [batch, cameras, channels, height, width] in this order. Default: one camera without a name.
   */
  readonly cameras?: readonly string[]
  /** Statistics of arrays over the whole data set, by the arrays' names. */
  readonly statistics?: Readonly<Record<string, ArrayStatistics>>
  /** Sentences about the data that a person should read before training, such as how many episodes are short. */
  readonly notes?: readonly string[]
  /** A pass, beginning at place `skip` (default 0; resume seeks with it, without decoding). */
  samples(options?: { skip?: number; onBad?: BadSampleReport }): AsyncIterable<Sample>
  /** Count the places of a pass faster than a pass would, where `size` is not known. */
  countPlaces?(): Promise<number>
  /** Part of one rank of several, if there is a better one than every n-th sample: see `shareOf`. */
  share?(member: Member): Source
}

/** A place among the processes that share data: a `Communicator` has these two fields. */
export interface Member {
  /** Rank, from 0. */
  readonly rank: number
  /** Count of ranks. */
  readonly size: number
}
