import { join } from 'node:path'
import { writeFileAtomic } from '../core/index.ts'
import type { CaptionCounts } from '../data/index.ts'
import type { CrossModalRetrieval } from '../metrics/index.ts'
import type { TitledGrid } from '../report/index.ts'
import { type Metrics, readCheckpoint, type TrainingResult } from '../training/index.ts'
import type { BadSamples } from './bad-samples.ts'
import type { Learner } from './learners/index.ts'
import type { PreparedRun } from './prepare-run.ts'
import { runFiles } from './run-directory.ts'
import { writeExamples, writeReport } from './run-report.ts'
import type { StageRecord } from './stages/stage.ts'
import type { TrainOptions } from './train-options.ts'

/** How training went; of a progressive run with its stages, and with the samples of all of them. */
export interface ConcludedResult extends TrainingResult {
  readonly captions?: CaptionCounts
  readonly stages?: readonly StageRecord[]
  readonly samples?: number
}

/** The final numbers of a run: its `summary.json`. */
export interface RunSummary {
  readonly name: string
  readonly steps: number
  /** Mean over the run, without validation and checkpoints. */
  readonly samplesPerSecond: number
  /** Part of the training time spent waiting for data, in [0, 1]. */
  readonly dataWaitFraction: number
  /** Largest resident set of the process, its worker threads included. */
  readonly peakMemoryBytes: number
  readonly trainSeconds: number
  /** From the start of the process to the end of the run; of its last part, if it was resumed. */
  readonly totalSeconds: number
  /** Samples left out: those listed in `bad-samples.jsonl`. */
  readonly badSamples: number
  /**
   * Captions of the first pass over the training data, and how many of them are longer than the model's texts and were
   * cut. Of a resumed run: of the rest of the pass in which it went on.
   */
  readonly captions?: CaptionCounts
  /** The step whose weights were tested, and its validation metric. */
  readonly best?: { readonly step: number; readonly value: number }
  /** Of a progressive run, each training of each stage. */
  readonly stages?: readonly StageRecord[]
  /** Of a dual encoder, by test set. */
  readonly retrieval?: Readonly<Record<string, CrossModalRetrieval>>
  /**
   * Of a policy, by test set and head: `success`, the part within tolerance; `shuffledSuccess`, the same with the
   * commands of other samples; and errors in physical units.
   */
  readonly policy?: Readonly<Record<string, Metrics>>
}

/**
 * Test the best weights of a trained run on its held-out data, and write `summary.json`, `examples.json` and
 * `report.html`. @returns Undefined, with nothing written, when it was interrupted.
 */
export async function concludeRun(
  run: PreparedRun,
  result: ConcludedResult,
  badSamples: BadSamples,
  { signal, callbacks = [] }: TrainOptions,
): Promise<RunSummary | undefined> {
  const { directory, data, state, learner } = run
  if (result.best) await readCheckpoint(join(directory, 'checkpoints', String(result.best.step)), state)
  const tests: Record<string, Metrics> = {}
  const grids: TitledGrid[] = []
  for (const [name, source] of Object.entries(data.tests)) {
    for (const callback of callbacks) callback.onTest?.(name)
    const tested = await learner.test(name, source, { ...run, badSamples })
    if (signal?.aborted) return undefined
    tests[name] = tested.metrics
    grids.push(...tested.grids)
  }
  const summary = summarize(run, result, badSamples, { [learner.results]: tests })
  writeExamples(directory, grids)
  writeFileAtomic(join(directory, runFiles.summary), `${JSON.stringify(summary, undefined, 2)}\n`)
  await writeReport(directory)
  return summary
}

function summarize(
  { config }: PreparedRun,
  result: ConcludedResult,
  badSamples: BadSamples,
  tests: Pick<RunSummary, Learner['results']>,
): RunSummary {
  return {
    name: config.name,
    steps: result.step,
    samplesPerSecond: (result.samples ?? result.step * config.batchSize) / result.trainSeconds,
    dataWaitFraction: result.dataWaitFraction,
    // Linux and Node report kibibytes.
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    trainSeconds: result.trainSeconds,
    totalSeconds: process.uptime(),
    badSamples: badSamples.count,
    ...(result.captions && { captions: result.captions }),
    ...(result.best && { best: result.best }),
    ...(result.stages && { stages: result.stages }),
    ...tests,
  }
}
