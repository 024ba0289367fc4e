import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isRun, runFiles, writeFileAtomic, writeSafetensors } from '../../core/index.ts'
import { readBundle, weightsFile } from '../../deploy/index.ts'
import type { StageRecord } from '../../report/index.ts'
import { type Callback, metricsLog, type TrainingResult } from '../../training/index.ts'
import type { Stage } from '../recipe/stage.ts'
import { headsOfStage, isTuned, stageRecipe } from '../recipe/stage-recipe.ts'
import { BadSamples } from './bad-samples.ts'
import { type ConcludedResult, concludeRun } from './conclude.ts'
import { beginRun, type PreparedRun, reopenRun } from './prepare.ts'
import { resolveStage } from './resolve.ts'
import { trainOnce } from './train-once.ts'
import type { TrainingOptions } from './train-options.ts'

/**
 * Train stage after stage, each a run of its own below `stages/`, on the weights of the one before. A stage ends when
 * its metric on the validation data reaches the threshold, or with its budget. It is trained up to `repeats` times,
 * each time from its best weights, until it passes; the next stage follows, passed or not.
 *
 * `stages.json` records each as soon as it is over, so that a stopped run goes on within the stage it was in. In the
 * end the run's `model.safetensors` holds the best weights of the last stage.
 */
export async function trainStages(run: PreparedRun, options: TrainingOptions): Promise<ConcludedResult> {
  const { stages = [] } = run.recipe
  const records: StageRecord[] = readRecords(run.directory)
  const times = { trainSeconds: 0, waitSeconds: 0, samples: 0 }
  for (const part of partsOf(stages)) {
    const known = records.find(({ stage, repeat }) => stage === part.stage.name && repeat === part.repeat)
    if (known) continue
    if (records.some(({ stage, passed }) => stage === part.stage.name && passed)) continue
    const trained = await trainPart(run, part, records, options)
    times.trainSeconds += trained.trainSeconds
    times.waitSeconds += trained.trainSeconds * trained.dataWaitFraction
    times.samples += trained.step * part.stage.batches.size
    if (trained.interrupted) return resultOf(run, records, times, true)
    records.push(trained.record)
    writeFileAtomic(join(run.directory, runFiles.stages), `${JSON.stringify(records, undefined, 2)}\n`)
  }
  takeOver(run, records)
  return resultOf(run, records, times, false)
}

/** Note about fine-tuning rates, which a recipe does not name. */
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
  options: TrainingOptions,
): Promise<TrainingResult & { readonly record: StageRecord }> {
  const { stage, index, repeat } = part
  const { stages = [] } = run.recipe
  const name = `${index + 1}-${stage.name}${repeat > 1 ? `-${repeat}` : ''}`
  const directory = join(run.directory, 'stages', name)
  const before = records.at(-1)?.directory
  const base = before === undefined ? run.recipe.base : join(run.directory, before)
  for (const callback of options.callbacks ?? []) {
    callback.onStage?.({ name: stage.name, number: index + 1, count: stages.length, repeat })
    if (isTuned(run.recipe, base)) callback.onNote?.(tunedNote)
  }
  const stageRun = await openStage(run, index, directory, base)
  const badSamples = new BadSamples(directory)
  const stepsBefore = records.reduce((sum, { steps }) => sum + steps, 0)
  const log = metricsLog(join(run.directory, runFiles.metrics))
  const whole = [log, ...(options.trackers ?? [])].map((each) => countedThrough(each, stepsBefore, records))
  const result = await trainOnce(stageRun, badSamples, { ...options, trackers: whole })
  if (!result.interrupted) await concludeRun(stageRun, result, badSamples, {})
  const { validation } = stageRun.recipe
  const record: StageRecord = {
    stage: stage.name,
    repeat,
    directory: join('stages', name),
    base: base ?? null,
    heads: headsOfStage(stages, index),
    monitor: validation.monitor!,
    threshold: stage.threshold,
    ...(result.best && { best: result.best }),
    steps: result.step,
    epochs: (result.step * stage.batches.size) / stageRun.data.samplesPerEpoch,
    passed: result.best !== undefined && reaches(result.best.value, stage.threshold, validation.direction),
  }
  return { ...result, record }
}

/** The run of a stage: a new one, or the one that was stopped. */
async function openStage(
  { recipe, registry, model, text }: PreparedRun,
  index: number,
  directory: string,
  base: string | undefined,
): Promise<PreparedRun> {
  if (isRun(directory)) return reopenRun(directory, registry)
  const stage = stageRecipe(recipe, model, index, base, registry)
  return beginRun(await resolveStage(stage, registry, text.tokenizer), directory)
}

const reaches = (value: number, threshold: number, direction: 'max' | 'min' = 'max'): boolean =>
  direction === 'max' ? value >= threshold : value <= threshold

/** Copy the weights of the last stage to the whole run. */
function takeOver({ directory, registry }: PreparedRun, records: readonly StageRecord[]): void {
  const last = records.at(-1)
  if (!last) return
  const { weights } = readBundle(join(directory, last.directory), registry)
  writeSafetensors(join(directory, weightsFile), weights, { format: 'pt' })
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

/**
 * Callback of a progressive run: it sees the records of its stages one after the other, their steps and epochs counted through, each
 * with the number of its stage.
 * @param stepsBefore Number of steps in the stages that are over.
 */
function countedThrough(whole: Callback, stepsBefore: number, records: readonly StageRecord[]): Callback {
  const epochsBefore = records.reduce((sum, { epochs }) => sum + epochs, 0)
  const moved = <R extends { readonly step: number; readonly epoch: number }>(record: R) => ({
    ...record,
    step: record.step + stepsBefore,
    epoch: record.epoch + epochsBefore,
    stage: records.length + 1,
  })
  return {
    onStart: ({ step, totalSteps }) => whole.onStart?.({ step: step + stepsBefore, totalSteps }),
    onLog: (record) => whole.onLog?.(moved(record)),
    onValidation: (record) => whole.onValidation?.(moved(record)),
  }
}
