import { formatBytes, formatNumber, textTable } from '../src/report/index.ts'
import type { CaseName } from './cases.ts'
import type { GemmRate } from './measurements/gemm-limit.ts'
import type { InferenceResult } from './measurements/inference.ts'
import type { TrainingResult } from './measurements/training.ts'
import type { Profile, ProfileRow } from './profile.ts'
import type { Results } from './results.ts'

/** The results as tables to read. */
export function printResults(results: Results): string {
  const {
    machine,
    step,
    towers,
    finetune = {},
    limit,
    loader,
    stream,
    inference,
    memory,
    start,
    render,
    generate,
    serving,
    scaling,
  } = results
  const parts = [
    `${machine.processor}, ${machine.cores} cores; Node ${machine.node}, ONNX Runtime ${machine.onnxruntime}`,
    step && titled('step: small CLIP, from scratch', training(step)),
    towers && titled('towers: CLIP ViT-B/32', training(towers)),
    ...Object.entries(finetune).map(([name, measured]) =>
      titled(`finetune: ${tunings[name as CaseName]}`, training(measured)),
    ),
    limit?.step && titled('limit: matrix products of step, 10⁹ operations a second', gemm(limit.step)),
    limit?.towers && titled('limit: those of towers', gemm(limit.towers)),
    loader && titled('loader', facts(loader)),
    stream && titled('stream: resident set after a part of the samples', streamTable(stream)),
    inference && titled('inference: image tower of step', inferenceTable(inference)),
    memory && titled('memory: peak resident set', facts(memory)),
    start && titled('start', facts(start)),
    render && titled('render: milliseconds a picture', facts(render)),
    generate && titled('generate: labelled scenes of 64 pixels, two threads', facts(generate)),
    serving && titled('serving: image tower of step by HTTP', servingTable(serving)),
    scaling && titled('scaling: the batch of step by one and two members', scalingTable(scaling)),
    scaling?.projections &&
      titled('scaling: what many members would take, on paper', projectionTable(scaling)),
  ]
  return parts.filter((part) => part !== undefined).join('\n\n')
}

/** What the cases of `finetune` train. */
const tunings: Readonly<Partial<Record<CaseName, string>>> = {
  towers: 'CLIP ViT-B/32, all of it',
  lora: 'adapters of rank 16 on q and v',
  lit: 'a locked image tower, computed in each step',
  litKept: 'a locked image tower, its features kept',
}

const titled = (title: string, text: string): string => `${title}\n${text}`

function training(results: NonNullable<Results['step']>): string {
  const { operations, shareOfGemmLimit, ...contestants } = results
  const ours = contestants.visuomotor
  const ourTime = ours && 'stepMilliseconds' in ours ? ours.stepMilliseconds : undefined
  const rows = Object.entries(contestants).map(([name, result]) => trainingRow(name, result, ourTime))
  const table = textTable({
    columns: [
      { title: '' },
      { title: 'ms a step', digits: 1 },
      { title: 'samples/s', digits: 1 },
      { title: 'times ours', digits: 2 },
      { title: 'peak memory', align: 'right' },
      { title: 'first step, ms', digits: 0 },
      { title: '' },
    ],
    rows,
  })
  const update = ours && 'updateMilliseconds' in ours ? ours.updateMilliseconds : undefined
  const lines = [
    table,
    `${formatNumber(operations / 1e9, 2)}·10⁹ operations a step`,
    shareOfGemmLimit !== undefined && `${percent(shareOfGemmLimit)} of the fastest Gemm`,
    update !== undefined && ourTime !== undefined && `update: ${percent(update / ourTime)} of our step`,
  ]
  return lines.filter((line) => line !== false).join('\n')
}

const trainingRow = (name: string, result: TrainingResult, ourTime: number | undefined) =>
  'skipped' in result
    ? [name, undefined, undefined, undefined, undefined, undefined, `skipped: ${result.skipped}`]
    : [
        name,
        result.stepMilliseconds,
        result.samplesPerSecond,
        ourTime && result.stepMilliseconds / ourTime,
        result.peakMemoryBytes && formatBytes(result.peakMemoryBytes),
        result.firstStepMilliseconds,
        '',
      ]

function gemm(limit: { best: { gigaflopsPerSecond: number; library: string }; shapes: readonly GemmRate[] }) {
  const libraries = [...new Set(limit.shapes.flatMap((shape) => Object.keys(shape.gigaflopsPerSecond)))]
  const { gigaflopsPerSecond, library } = limit.best
  const table = textTable({
    columns: [{ title: 'product' }, { title: 'a step' }, ...libraries.map((title) => ({ title, digits: 1 }))],
    rows: limit.shapes.map((shape) => [
      productName(shape),
      shape.count,
      ...libraries.map((name) => shape.gigaflopsPerSecond[name]),
    ]),
  })
  return `${table}\nfastest: ${formatNumber(gigaflopsPerSecond, 1)} (${library})`
}

const productName = ({ rows, inner, columns, transposeA, transposeB }: GemmRate): string =>
  `[${rows}, ${inner}]${transposeA ? 'ᵀ' : ''} · [${inner}, ${columns}]${transposeB ? 'ᵀ' : ''}`

const inferenceTable = (results: NonNullable<Results['inference']>): string =>
  textTable({
    columns: [
      { title: '' },
      { title: 'p50, ms', digits: 2 },
      { title: 'p99, ms', digits: 2 },
      { title: 'images/s', digits: 1 },
      { title: '' },
    ],
    rows: Object.entries(results).map(([name, result]) => inferenceRow(name, result)),
  })

const inferenceRow = (name: string, result: InferenceResult) =>
  'skipped' in result
    ? [name, undefined, undefined, undefined, `skipped: ${result.skipped}`]
    : [name, result.latencyMilliseconds.p50, result.latencyMilliseconds.p99, result.imagesPerSecond, '']

const servingTable = (results: NonNullable<Results['serving']>): string =>
  textTable({
    columns: [
      { title: '' },
      { title: 'clients' },
      { title: 'requests/s', digits: 1 },
      { title: 'p50, ms', digits: 1 },
      { title: 'p99, ms', digits: 1 },
      { title: 'failed' },
      { title: '' },
    ],
    rows: Object.entries(results).flatMap(([name, result]): (string | number | undefined)[][] =>
      'skipped' in result
        ? [[name, undefined, undefined, undefined, undefined, undefined, `skipped: ${result.skipped}`]]
        : result.loads.map(({ clients, requestsPerSecond, latencyMilliseconds: { p50, p99 }, failed }) => [
            name,
            ...[clients, requestsPerSecond, p50, p99, failed],
            '',
          ]),
    ),
  })

const scalingTable = (results: NonNullable<Results['scaling']>): string =>
  textTable({
    columns: [
      { title: '' },
      { title: 'steps/s', digits: 2 },
      { title: 'communicating, %', digits: 1 },
      { title: 'waiting, %', digits: 1 },
      { title: 'MB a step', digits: 2 },
      { title: '' },
    ],
    rows: Object.entries(results.entrants).map(([name, result]): (string | number | undefined)[] =>
      'skipped' in result
        ? [name, undefined, undefined, undefined, undefined, `skipped: ${result.skipped}`]
        : [
            name,
            result.stepsPerSecond,
            inHundredths(result.communicatingShare),
            inHundredths(result.waitingShare),
            result.bytesPerStep === undefined ? undefined : result.bytesPerStep / 1e6,
            '',
          ],
    ),
  })

const projectionTable = ({ projections = [] }: NonNullable<Results['scaling']>): string =>
  textTable({
    columns: [
      { title: 'members' },
      { title: 'Gbit/s' },
      { title: 'sum, ms', digits: 1 },
      { title: 'gather, ms', digits: 1 },
      { title: 'step, ms', digits: 1 },
      { title: 'computing, %', digits: 1 },
    ],
    rows: projections.map(({ members, gigabits, sum, gather, step, efficiency }) => [
      members,
      gigabits,
      sum,
      gather,
      step,
      100 * efficiency,
    ]),
  })

const inHundredths = (share: number | undefined): number | undefined =>
  share === undefined ? undefined : 100 * share

const streamTable = (results: NonNullable<Results['stream']>): string =>
  textTable({
    columns: [
      { title: '' },
      { title: 'samples' },
      { title: 'samples/s', digits: 0 },
      ...['10 %', '25 %', '50 %', '75 %', '100 %'].map((title) => ({ title, align: 'right' as const })),
    ],
    rows: Object.entries(results).map(([name, { curve, samplesPerSecond }]) => [
      name,
      curve.at(-1)!.samples,
      samplesPerSecond,
      ...[0.1, 0.25, 0.5, 0.75, 1].map((part) =>
        formatBytes(curve[Math.ceil(part * curve.length) - 1]!.residentBytes),
      ),
    ]),
  })

/** Nested facts, one a line: `mainJob.dataWaitFraction  0.012`. */
const facts = (value: object): string =>
  textTable({ columns: [{ title: 'what' }, { title: 'value' }], rows: flattened(value) })

const flattened = (value: object, path = ''): [string, string | number][] =>
  Object.entries(value).flatMap(([key, inner]) => {
    const name = path ? `${path}.${key}` : key
    return typeof inner === 'object' ? flattened(inner, name) : [[name, inner as string | number]]
  })

const percent = (share: number): string => `${formatNumber(100 * share, 1)} %`

/** Where a step's time goes. */
export function printProfile({ byOperation, byShape }: Profile): string {
  const table = (title: string, rows: readonly ProfileRow[]) =>
    textTable({
      columns: [
        { title },
        { title: 'ms a step', digits: 2 },
        { title: 'share', align: 'right' },
        { title: 'nodes', digits: 0 },
      ],
      rows: rows.map(({ key, milliseconds, share, count }) => [key, milliseconds, percent(share), count]),
    })
  return `${table('operation', byOperation)}\n\n${table('costliest shapes', byShape.slice(0, 25))}`
}
