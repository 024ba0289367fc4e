import { cpus } from 'node:os'
import { onnxruntimeVersion } from '../src/engine/index.ts'
import { type CaseName, finetuneCases } from './cases.ts'
import type { ContestantName } from './contestants.ts'
import { operationsOf } from './floating-point-operations.ts'
import { bestGemm, type GemmRate } from './measurements/gemm-limit.ts'
import type { GenerateMeasurement } from './measurements/generate.ts'
import type { InferenceResult } from './measurements/inference.ts'
import type { LoaderMeasurement } from './measurements/loader.ts'
import type { RenderMeasurement } from './measurements/render.ts'
import type { ScalingMeasurement } from './measurements/scaling.ts'
import type { ServingMeasurement } from './measurements/serving.ts'
import { growth, type StartMeasurement } from './measurements/start.ts'
import type { StreamMeasurements } from './measurements/stream.ts'
import type { TrainingMeasurement, TrainingResult } from './measurements/training.ts'

type ByContestant<Value> = Readonly<Partial<Record<ContestantName, Value>>>

/** What was measured; what was not is undefined. */
export interface Measurements {
  readonly training: Readonly<Partial<Record<CaseName, TrainingMeasurement>>>
  readonly loader?: LoaderMeasurement
  readonly stream?: StreamMeasurements
  readonly inference?: ByContestant<InferenceResult>
  readonly start?: StartMeasurement
  readonly render?: RenderMeasurement
  readonly generate?: GenerateMeasurement
  readonly serving?: ServingMeasurement
  readonly scaling?: ScalingMeasurement
}

export const measurementNames = [
  'step',
  'towers',
  'finetune',
  'limit',
  'loader',
  'stream',
  'inference',
  'memory',
  'start',
  'render',
  'generate',
  'serving',
  'scaling',
] as const
export type MeasurementName = (typeof measurementNames)[number]

/** The object that `--json` prints. Times are milliseconds, rates are per second, memory is bytes, shares in [0, 1]. */
export type Results = ReturnType<typeof resultsOf>

export function resultsOf(
  { training, loader, stream, inference, start, render, generate, serving, scaling }: Measurements,
  wanted: MeasurementName[],
) {
  const { step, towers } = training
  const all = {
    step: step && trainingResults(step),
    towers: towers && trainingResults(towers),
    finetune: Object.fromEntries(
      finetuneCases.flatMap((name) => {
        const measured = training[name]
        return measured ? [[name, trainingResults(measured)] as const] : []
      }),
    ) as Readonly<Partial<Record<CaseName, ReturnType<typeof trainingResults>>>>,
    limit: { ...(step && { step: limitOf(step) }), ...(towers && { towers: limitOf(towers) }) },
    loader,
    stream,
    inference,
    memory: { ...(step && { step: memoryOf(step) }), ...(towers && { towers: memoryOf(towers) }) },
    start: start && { ...start, growthWithDepth: growth(start.depths) },
    render,
    generate,
    serving,
    scaling,
  }
  const chosen: Partial<typeof all> = {}
  for (const name of wanted) Object.assign(chosen, { [name]: all[name] })
  return { machine: machine(), ...chosen, ...(step && { shareOfGemmLimit: shareOfGemmLimit(step) }) }
}

/** The numbers make no sense without it. */
const machine = () => ({
  processor: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
  node: process.version,
  onnxruntime: onnxruntimeVersion(),
})

const trainingResults = (measured: TrainingMeasurement) => ({
  ...measured.contestants,
  operations: measured.operations,
  shareOfGemmLimit: shareOfGemmLimit(measured),
})

/** Rate of our step's matrix products, over all of its time, as a share of the fastest product seen in the run. */
export function shareOfGemmLimit({ contestants, operations, gemm }: TrainingMeasurement): number | undefined {
  const ours = contestants.visuomotor
  if (!ours || 'skipped' in ours || gemm.length === 0) return undefined
  return operations / ours.stepMilliseconds / 1e6 / bestGemm(gemm).gigaflopsPerSecond
}

function limitOf({ gemm }: TrainingMeasurement) {
  return { best: bestGemm(gemm), everyShapeAtItsBest: everyShapeAtItsBest(gemm), shapes: gemm }
}

/** 10⁹ operations a second if each product ran as fast as the fastest library runs it. */
function everyShapeAtItsBest(gemm: readonly GemmRate[]): number {
  const operations = gemm.reduce((sum, product) => sum + operationsOf(product), 0)
  const seconds = gemm.reduce(
    (sum, product) =>
      sum + operationsOf(product) / Math.max(...Object.values(product.gigaflopsPerSecond)) / 1e9,
    0,
  )
  return operations / seconds / 1e9
}

const memoryOf = ({ contestants }: TrainingMeasurement): ByContestant<number | { skipped: string }> =>
  Object.fromEntries(Object.entries(contestants).map(([name, result]) => [name, peakOf(result)] as const))

const peakOf = (result: TrainingResult): number | { readonly skipped: string } =>
  'skipped' in result ? result : (result.peakMemoryBytes ?? { skipped: `${process.platform} does not tell` })
