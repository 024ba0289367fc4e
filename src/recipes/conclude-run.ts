import { join } from 'node:path'
import { writeFileAtomic } from '../core/index.ts'
import { type Sample, type Source, thumbnail } from '../data/index.ts'
import { retrievalExamples } from '../evaluation/index.ts'
import { type CrossModalRetrieval, crossModalRetrieval } from '../metrics/index.ts'
import { DualEncoderPrograms } from '../models/index.ts'
import type { TitledGrid } from '../report/index.ts'
import { encodeDataset, readCheckpoint, type TrainingResult } from '../training/index.ts'
import type { BadSamples } from './bad-samples.ts'
import { evaluationBatches } from './batches.ts'
import type { PreparedRun } from './prepare-run.ts'
import { runFiles } from './run-directory.ts'
import { writeExamples, writeReport } from './run-report.ts'
import type { TrainOptions } from './train-options.ts'

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
  /** The step whose weights were tested, and its validation metric. */
  readonly best?: { readonly step: number; readonly value: number }
  /** By test set. */
  readonly retrieval: Readonly<Record<string, CrossModalRetrieval>>
}

/**
 * Test the best weights of a trained run on its held-out data, and write `summary.json`, `examples.json` and
 * `report.html`. @returns Undefined, with nothing written, when it was interrupted.
 */
export async function concludeRun(
  run: PreparedRun,
  result: TrainingResult,
  badSamples: BadSamples,
  { signal, callbacks = [] }: TrainOptions,
): Promise<RunSummary | undefined> {
  const { directory, data, task, state } = run
  if (result.best) await readCheckpoint(join(directory, 'checkpoints', String(result.best.step)), state)
  const encoders = await DualEncoderPrograms.create(state.engine, task.model, state.average ?? state.values)
  const retrieval: Record<string, CrossModalRetrieval> = {}
  const grids: TitledGrid[] = []
  for (const [name, source] of Object.entries(data.tests)) {
    for (const callback of callbacks) callback.onTest?.(name)
    const { metrics, examples } = await test(run, source, encoders, badSamples)
    if (signal?.aborted) return undefined
    retrieval[name] = metrics
    grids.push(
      { title: `${name}: images ask for captions`, queries: examples.imageToText },
      { title: `${name}: captions ask for images`, queries: examples.textToImage },
    )
  }
  const summary = summarize(run, result, badSamples, retrieval)
  writeExamples(directory, grids)
  writeFileAtomic(join(directory, runFiles.summary), `${JSON.stringify(summary, undefined, 2)}\n`)
  await writeReport(directory)
  return summary
}

async function test(
  { config, text }: PreparedRun,
  source: Source,
  encoders: DualEncoderPrograms,
  badSamples: BadSamples,
) {
  const batches = badSamples.watch(evaluationBatches(config, source, text))
  const encoded = await encodeDataset(encoders, batches)
  const samples = new Map<string, Sample>()
  for await (const sample of source.samples({ onBad: () => {} })) samples.set(sample.id, sample)
  const examples = await retrievalExamples(encoded, samples, thumbnail, { queries: 8, answers: 5 })
  return { metrics: crossModalRetrieval(encoded), examples }
}

function summarize(
  { config }: PreparedRun,
  result: TrainingResult,
  badSamples: BadSamples,
  retrieval: RunSummary['retrieval'],
): RunSummary {
  return {
    name: config.name,
    steps: result.step,
    samplesPerSecond: (result.step * config.batchSize) / result.trainSeconds,
    dataWaitFraction: result.dataWaitFraction,
    // Linux and Node report kibibytes.
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    trainSeconds: result.trainSeconds,
    totalSeconds: process.uptime(),
    badSamples: badSamples.count,
    ...(result.best && { best: result.best }),
    retrieval,
  }
}
