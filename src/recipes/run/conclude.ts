import { join } from 'node:path'
import { runFiles, writeFileAtomic } from '../../core/index.ts'
import type { CaptionCounts } from '../../data/index.ts'
import type { RunSummary, StageRecord } from '../../report/index.ts'
import { peakMemoryOfProcess, type TrainingResult } from '../../training/index.ts'
import type { BadSamples } from './bad-samples.ts'
import { type EvaluationOptions, evaluateModel } from './evaluate.ts'
import type { PreparedRun } from './prepare.ts'
import { writeExamples, writeReport } from './report.ts'
import type { TrainOptions } from './train-options.ts'
import { wiseFtCurve } from './wise-ft.ts'

/** Result of a training; for a progressive run with its stages, and with the samples of all of them. */
export interface ConcludedResult extends TrainingResult {
  readonly captions?: CaptionCounts
  readonly dataChanges?: readonly string[]
  readonly stages?: readonly StageRecord[]
  readonly samples?: number
  /** Results of the control. */
  readonly control?: RunSummary['results']
}

/**
 * Test the best weights of a trained run on its held-out data, and write `summary.json`, `examples.json` and
 * `report.html`. @returns Undefined when it was interrupted; nothing is written then.
 */
export async function concludeRun(
  run: PreparedRun,
  result: ConcludedResult,
  badSamples: BadSamples,
  { signal, callbacks = [] }: TrainOptions,
): Promise<RunSummary | undefined> {
  const { directory, data, recipe, registry } = run
  const { device, threads, workers } = recipe.machine
  const options: EvaluationOptions = {
    device,
    ...(threads !== undefined && { threads }),
    ...(workers !== undefined && { workers }),
    onBadSample: recipe.batches.onBadSample,
    onTest: (name) => {
      for (const callback of callbacks) callback.onTest?.(name)
    },
    watch: (batches) => badSamples.watch(batches),
    ...(signal && { signal }),
  }
  const evaluation = await evaluateModel(directory, data.tests, registry, options)
  const wiseFt = await wiseFtCurve(run, options)
  if (signal?.aborted || !wiseFt) return undefined
  const summary = summarize(run, { ...result, wiseFt }, badSamples, evaluation.results)
  writeExamples(directory, evaluation.grids)
  writeFileAtomic(join(directory, runFiles.summary), `${JSON.stringify(summary, undefined, 2)}\n`)
  await writeReport(directory, registry)
  return summary
}

function summarize(
  { recipe }: PreparedRun,
  result: ConcludedResult & Pick<RunSummary, 'wiseFt'>,
  badSamples: BadSamples,
  results: RunSummary['results'],
): RunSummary {
  return {
    name: recipe.name,
    steps: result.step,
    samplesPerSecond: (result.samples ?? result.step * recipe.batches.size) / result.trainSeconds,
    dataWaitFraction: result.dataWaitFraction,
    // Linux and Node report kibibytes.
    peakMemoryBytes: peakMemoryOfProcess(),
    trainSeconds: result.trainSeconds,
    totalSeconds: process.uptime(),
    badSamples: badSamples.count,
    ...(result.captions && { captions: result.captions }),
    ...(result.dataChanges && { dataChanges: result.dataChanges }),
    ...(result.best && { best: result.best }),
    ...(result.stages && { stages: result.stages }),
    ...(result.wiseFt?.length && { wiseFt: result.wiseFt }),
    ...(result.control && { control: result.control }),
    results,
  }
}
