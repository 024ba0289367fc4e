import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileAtomic, writeSafetensors } from '../../core/index.ts'
import { readBundle, readModelConfig, weightsFile } from '../../deploy/index.ts'
import type { TrainingResult } from '../../training/index.ts'
import { BadSamples } from '../bad-samples.ts'
import { takeWeights } from '../base.ts'
import { type ConcludedResult, concludeRun } from '../conclude-run.ts'
import type { Experiment } from '../experiment.ts'
import { type PreparedRun, prepareStage, reopenRun } from '../prepare-run.ts'
import { isRun, runFiles } from '../run-directory.ts'
import { trainOnce } from '../train-once.ts'
import type { TrainOptions } from '../train-options.ts'
import type { Stage, StageRecord } from './stage.ts'
import { headsOfStage, isTuned, monitorOfStage, stageRecipe } from './stage-recipe.ts'
import { wholeLog } from './whole-log.ts'

/**
 * Progressive training: stage after stage, each a run of its own below `stages/`, on the weights of the one before. A
 * stage ends when its number on the validation data reaches the threshold, or with its budget; then it is repeated
 * from its best weights as often as it may, and then the next one comes, whether it passed or not.
 *
 * `stages.json` records each as soon as it is over, so that a stopped run goes on within the stage it was in. In the
 * end the run's state and its `model.safetensors` hold the best weights of the last stage.
 */
export async function trainStages(run: PreparedRun, options: TrainOptions): Promise<ConcludedResult> {
  const { stages = [] } = run.config
  const records: StageRecord[] = readRecords(run.directory)
  const times = { trainSeconds: 0, waitSeconds: 0, samples: 0 }
  for (const part of partsOf(stages)) {
    const known = records.find(({ stage, repeat }) => stage === part.stage.name && repeat === part.repeat)
    if (known) continue
    if (records.some(({ stage, passed }) => stage === part.stage.name && passed)) continue
    const trained = await trainPart(run, part, records, options)
    times.trainSeconds += trained.trainSeconds
    times.waitSeconds += trained.trainSeconds * trained.dataWaitFraction
    times.samples += trained.step * part.stage.batchSize
    if (trained.interrupted) return resultOf(run, records, times, true)
    records.push(trained.record)
    writeFileAtomic(join(run.directory, runFiles.stages), `${JSON.stringify(records, undefined, 2)}\n`)
  }
  await takeOver(run, records)
  return resultOf(run, records, times, false)
}

/** What a recipe does not say. */
const tunedNote =
  'on the weights of before, so at the rates of fine-tuning: 1/100 in the towers, 1/10 from there to the heads; ' +
  'parameters=[{"pattern":"heads.*","learningRate":1}] keeps one rate'

/** One training of a stage. */
interface Part {
  readonly stage: Stage
  readonly index: number
  readonly repeat: number
}

const partsOf = (stages: readonly Stage[]): Part[] =>
  stages.flatMap((stage, index) =>
    Array.from({ length: stage.repeats }, (_, i) => ({ stage, index, repeat: i + 1 })),
  )

async function trainPart(
  run: PreparedRun,
  part: Part,
  records: readonly StageRecord[],
  options: TrainOptions,
): Promise<TrainingResult & { readonly record: StageRecord }> {
  const { stage, index, repeat } = part
  const { stages = [] } = run.config
  const name = `${index + 1}-${stage.name}${repeat > 1 ? `-${repeat}` : ''}`
  const directory = join(run.directory, 'stages', name)
  const before = records.at(-1)?.directory
  const base = before === undefined ? run.config.base : join(run.directory, before)
  for (const callback of options.callbacks ?? []) {
    callback.onStage?.({ name: stage.name, number: index + 1, count: stages.length, repeat })
    if (isTuned(run.config, base)) callback.onNote?.(tunedNote)
  }
  const stageRun = isRun(directory)
    ? await reopenRun(directory)
    : await prepareStage(
        stageRecipe(run.config, readModelConfig(run.directory) as Experiment['model'], index, base),
        directory,
        run.text.tokenizer,
      )
  const badSamples = new BadSamples(directory)
  const stepsBefore = records.reduce((sum, { steps }) => sum + steps, 0)
  const log = wholeLog(join(run.directory, runFiles.metrics), stepsBefore, records)
  const result = await trainOnce(stageRun, badSamples, {
    ...options,
    callbacks: [log, ...(options.callbacks ?? [])],
  })
  if (!result.interrupted) await concludeRun(stageRun, result, badSamples, {})
  const record: StageRecord = {
    stage: stage.name,
    repeat,
    directory: join('stages', name),
    base: base ?? null,
    heads: headsOfStage(stages, index),
    monitor: monitorOfStage(stage),
    threshold: stage.threshold,
    ...(result.best && { best: result.best }),
    steps: result.step,
    epochs: (result.step * stage.batchSize) / stageRun.data.samplesPerEpoch,
    passed: result.best !== undefined && result.best.value >= stage.threshold,
  }
  return { ...result, record }
}

/** The last weights as those of the whole run. */
async function takeOver({ directory, state }: PreparedRun, records: readonly StageRecord[]): Promise<void> {
  const last = records.at(-1)
  if (!last) return
  const bundle = readBundle(join(directory, last.directory))
  await takeWeights(state, bundle)
  writeSafetensors(join(directory, weightsFile), bundle.weights, { format: 'pt' })
}

function readRecords(directory: string): StageRecord[] {
  const file = join(directory, runFiles.stages)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as StageRecord[]) : []
}

function resultOf(
  { directory }: PreparedRun,
  records: readonly StageRecord[],
  { trainSeconds, waitSeconds, samples }: { trainSeconds: number; waitSeconds: number; samples: number },
  interrupted: boolean,
): ConcludedResult {
  const last = records.at(-1)
  return {
    step: records.reduce((sum, { steps }) => sum + steps, 0),
    interrupted,
    checkpoint: last && join(directory, last.directory),
    best: undefined,
    trainSeconds,
    dataWaitFraction: waitSeconds / Math.max(trainSeconds, Number.EPSILON),
    stages: records,
    samples,
  }
}
