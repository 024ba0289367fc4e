/** Numbers of one step, or of a validation or test after it. */
export interface TrackedRecord {
  readonly step: number
  /** Milliseconds since 1970. */
  readonly time: number
  /** Values by name; a slash groups them: `train/loss`. */
  readonly scalars: Readonly<Record<string, number>>
}

/** A run as trackers show it. */
export interface TrackedRun {
  readonly name: string
  /** Parameters by path: `optimizer.learningRate`. */
  readonly parameters: Readonly<Record<string, string | number | boolean | null>>
  /** Facts that may change when a run goes on. */
  readonly tags: Readonly<Record<string, string>>
}

/** End of a run; an interrupted one may go on. */
export type Outcome = 'finished' | 'interrupted' | 'failed'

/** Means of a call: `note` is for sentences to people, `signal` ends it. */
export interface CallOptions {
  readonly signal: AbortSignal
  readonly note: (text: string) => void
}

/**
 * A service that shows runs. Each method rejects when the service did not take what it was given: with a `TrackerRefusal` when it
 * never will, otherwise another try may succeed. What is sent twice counts once.
 */
export interface Tracker {
  /** Name and address, for people. */
  readonly title: string
  /**
   * Begin a run, or go on with one.
   * @param known Id of the run to go on with.
   * @returns Its id.
   */
  open(run: TrackedRun, known: string | undefined, options: CallOptions): Promise<string>
  send(id: string, records: readonly TrackedRecord[], options: CallOptions): Promise<void>
  close(id: string, outcome: Outcome, options: CallOptions): Promise<void>
}

/** Error of a service that will not take a run, however often it is asked. */
export class TrackerRefusal extends Error {}
