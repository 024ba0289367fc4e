import { join } from 'node:path'
import { writeFileAtomic } from '../core/index.ts'
import { openSource, type Sample, type Source, thumbnail } from '../data/index.ts'
import { retrievalExamples } from '../evaluation/index.ts'
import { type CrossModalRetrieval, crossModalRetrieval } from '../metrics/index.ts'
import { DualEncoderPrograms } from '../models/index.ts'
import { type TitledGrid, trainingReport } from '../report/index.ts'
import {
  type ContrastiveTask,
  encodeDataset,
  type ModelState,
  readCheckpoint,
  readMetricsLog,
  type TrainingResult,
} from '../training/index.ts'
import { evaluationBatches, type TextSettings } from './batches.ts'
import type { Experiment } from './experiment.ts'

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
  readonly badSamples: number
  /** The step whose weights were tested, and its validation metric. */
  readonly best?: { readonly step: number; readonly value: number }
  /** By test set. */
  readonly retrieval: Readonly<Record<string, CrossModalRetrieval>>
}

export interface FinishedRun {
  readonly directory: string
  readonly config: Experiment
  readonly task: ContrastiveTask
  readonly state: ModelState
  readonly text: TextSettings
  readonly result: TrainingResult
  readonly badSamples: readonly unknown[]
}

/** Test the best weights of a finished run on its held-out data, and write `summary.json` and `report.html`. */
export async function concludeRun(run: FinishedRun): Promise<RunSummary> {
  const { directory, config, task, state, result } = run
  if (result.best) await readCheckpoint(join(directory, 'checkpoints', String(result.best.step)), state)
  const encoders = await DualEncoderPrograms.create(state.engine, task.model, state.average ?? state.values)
  const retrieval: Record<string, CrossModalRetrieval> = {}
  const grids: TitledGrid[] = []
  for (const [name, spec] of Object.entries(config.tests)) {
    const tested = await test(run, openSource(spec), encoders)
    retrieval[name] = tested.metrics
    const titles = { imageToText: 'images ask for captions', textToImage: 'captions ask for images' } as const
    for (const [direction, title] of Object.entries(titles)) {
      grids.push({ title: `${name}: ${title}`, queries: tested.examples[direction as keyof typeof titles] })
    }
  }
  const summary = summarize(run, retrieval)
  writeFileAtomic(join(directory, 'summary.json'), `${JSON.stringify(summary, undefined, 2)}\n`)
  const metrics = readMetricsLog(join(directory, 'metrics.jsonl'))
  writeFileAtomic(
    join(directory, 'report.html'),
    await trainingReport({ title: config.name, summary, metrics, grids, config }),
  )
  return summary
}

async function test({ config, text }: FinishedRun, source: Source, encoders: DualEncoderPrograms) {
  const encoded = await encodeDataset(encoders, evaluationBatches(config, source, text))
  const samples = new Map<string, Sample>()
  for await (const sample of source.samples({ onBad: () => {} })) samples.set(sample.id, sample)
  const examples = await retrievalExamples(encoded, samples, thumbnail, { queries: 8, answers: 5 })
  return { metrics: crossModalRetrieval(encoded), examples }
}

function summarize(
  { config, result, badSamples }: FinishedRun,
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
    badSamples: badSamples.length,
    ...(result.best && { best: result.best }),
    retrieval,
  }
}
