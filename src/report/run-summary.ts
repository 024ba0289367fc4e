/** One training of one stage of a progressive run, as `stages.json` records it. */
export interface StageRecord {
  readonly stage: string
  /** Number of the training among those of its stage, from 1. */
  readonly repeat: number
  /** Directory of its run, below the run of the whole. */
  readonly directory: string
  /** The run whose weights it began with; null: fresh weights. */
  readonly base: string | null
  readonly heads: readonly string[]
  readonly monitor: string
  readonly threshold: number
  /** The best validation; none when it ended before one. */
  readonly best?: { readonly step: number; readonly value: number }
  readonly steps: number
  readonly epochs: number
  readonly passed: boolean
}

/** Numbers by name, nested ones too. */
interface Numbers {
  readonly [name: string]: number | Numbers
}

/** Captions that were read, and how many of them were cut. */
interface CaptionCounts {
  readonly read: number
  readonly cut: number
}

/** A point of the curve of WiSE-FT: what the weights between base and fine-tuned model reach. */
export interface WiseFtPoint {
  /** 0 is the base, 1 the fine-tuned model. */
  readonly alpha: number
  readonly validation?: Numbers
  /** Results by test set. */
  readonly tests: Readonly<Record<string, Numbers>>
}

/** The final numbers of a run: its `summary.json`. */
export interface RunSummary {
  readonly name: string
  readonly steps: number
  /** Mean over the run, without validation and checkpoints. */
  readonly samplesPerSecond: number
  /** Fraction of the training time spent waiting for data, in [0, 1]. */
  readonly dataWaitFraction: number
  /** Largest resident set of the process, its worker threads included. */
  readonly peakMemoryBytes: number
  readonly trainSeconds: number
  /** Seconds from the start of the process to the end of the run; of its last part, if it was resumed. */
  readonly totalSeconds: number
  /** Samples left out: those listed in `bad-samples.jsonl`. */
  readonly badSamples: number
  /**
   * Captions of the first pass over the training data, and how many of them are longer than the model's texts and were
   * cut. A resumed run counts the rest of the pass in which it went on.
   */
  readonly captions?: CaptionCounts
  /** Changes of the training data with which the run went on, a sentence each. */
  readonly dataChanges?: readonly string[]
  /** The step whose weights were tested, and its validation metric. */
  readonly best?: { readonly step: number; readonly value: number }
  /** Each training of each stage of a progressive run. */
  readonly stages?: readonly StageRecord[]
  /** The curve of WiSE-FT, where the recipe asks for it. */
  readonly wiseFt?: readonly WiseFtPoint[]
  /** Results of the same model trained without teachers, where the recipe asks for it. */
  readonly control?: Readonly<Record<string, Numbers>>
  /** Results by test set, as the objective gives them. */
  readonly results: Readonly<Record<string, Numbers>>
}
