import type { Comparison } from '../evaluation/index.ts'
import type { Estimate } from '../metrics/index.ts'
import {
  comparedDifference,
  comparedMetric,
  differenceIntervalText,
  differenceText,
  formatBytes,
  formatNumber,
  intervalText,
  metricLabel,
  metricText,
  percent,
  type Table,
} from '../report/index.ts'
import type { SearchReport } from './budget.ts'
import type { PeakMemory } from './measure-memory.ts'
import { type Numbers, totalBytes } from './measure-size.ts'
import type { BeforeAfter, Speed } from './measure-speed.ts'
import type { Monitored } from './points.ts'
import type { CompressionRecipe, CompressionStep } from './recipe.ts'

/** All that was measured of a compression. */
export interface CompressionReport {
  /** Model that was compressed: a run or a folder. */
  readonly model: string
  /** Folder of the compressed model. */
  readonly out: string
  readonly recipe: CompressionRecipe
  /** Steps that were done; of a search those that it found. */
  readonly steps: readonly CompressionStep[]
  readonly numbers: BeforeAfter<Numbers>
  /** Bytes of each file. */
  readonly files: BeforeAfter<Readonly<Record<string, number>>>
  readonly speed: readonly Speed[]
  /** Peak memory of a process that runs 32 samples. */
  readonly memory: BeforeAfter<PeakMemory>
  /** Quality of both on the same samples, and the metric that decides: data set, evaluator, path. */
  readonly quality: Comparison
  readonly monitored: Monitored
  readonly search?: SearchReport
  readonly versions: Readonly<Record<string, string>>
}

/** Size, speed, memory and quality of a model before and after its compression, as a table. */
export const compressionTable = (report: CompressionReport): Table => ({
  columns: [
    { title: 'Measure' },
    { title: 'Before', align: 'right' },
    { title: 'After', align: 'right' },
    { title: 'Change', align: 'right' },
  ],
  rows: [...qualityRows(report), ...sizeRows(report), ...speedRows(report), memoryRow(report)],
})

type Row = readonly [measure: string, before: string, after: string, change: string]

/** The metric that decides, first; then the others of the headlines. */
function qualityRows({ quality, monitored }: CompressionReport): Row[] {
  const rows: Row[] = []
  for (const [test, evaluators] of Object.entries(quality.tests)) {
    for (const [evaluator, { headline, metrics }] of Object.entries(evaluators)) {
      const isMonitored = monitored.test === test && monitored.evaluator === evaluator
      const paths = isMonitored ? [...new Set([monitored.path, ...headline])] : headline
      for (const path of paths) {
        const compared = metrics[path]
        if (!compared) continue
        const metric = comparedMetric(path, compared)
        const both = [compared.first, compared.second].map(({ value, interval }) => {
          const range = interval ? ` (${intervalText(metric, interval)})` : ''
          return `${metricText(metric, value)}${range}`
        })
        const { paired } = compared
        const range = paired ? ` (${differenceIntervalText(metric, paired.interval)})` : ''
        const change = `${differenceText(metric, comparedDifference(compared))}${range}`
        rows.push([metricLabel(metric), both[0]!, both[1]!, change])
      }
    }
  }
  return rows
}

function sizeRows({ files: { before, after }, numbers }: CompressionReport): Row[] {
  const row = (name: string, one: number | undefined, other: number | undefined): Row => [
    name,
    one === undefined ? '–' : formatBytes(one),
    other === undefined ? '–' : formatBytes(other),
    one !== undefined && other !== undefined ? ratioText(other / one) : '–',
  ]
  const isOfModel = (name: string) => /\.(onnx|safetensors)$/.test(name)
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(isOfModel).sort()
  const { before: old, after: now } = numbers
  return [
    row('All files', totalBytes(before), totalBytes(after)),
    ...names.map((name) => row(name, before[name], after[name])),
    [
      'Parameters',
      formatNumber(old.parameters),
      formatNumber(now.parameters),
      ratioText(now.parameters / old.parameters),
    ],
    ['Zeros in matrices', percent(old.zeros / old.parameters), percent(now.zeros / now.parameters), ''],
  ]
}

function speedRows({ speed }: CompressionReport): Row[] {
  const range = ([low, high]: readonly [number, number]) => `(${significant(low)}–${significant(high)})`
  const milliseconds = ({ value, interval: [low, high] }: Estimate) =>
    `${significant(1000 * value)} ms ${range([1000 * low, 1000 * high])}`
  const rate = ({ value, interval }: Estimate) => `${significant(value)} ${range(interval)}`
  const ofGraph = speed.map(({ graph, batch, latencySeconds: { before, after }, latencyRatio }): Row => {
    const [low, high] = latencyRatio.interval
    const change = `${ratioText(latencyRatio.value)} (${formatNumber(low, 2)}–${formatNumber(high, 2)})`
    return [`Latency of ${graph}, batch ${batch}`, milliseconds(before), milliseconds(after), change]
  })
  const largest = Math.max(...speed.map(({ batch }) => batch))
  const rates = speed.filter(({ batch }) => batch === largest)
  return [
    ...ofGraph,
    ...rates.map(({ graph, batch, samplesPerSecond: { before, after }, latencyRatio }): Row => {
      const [low, high] = latencyRatio.interval
      const change = `${ratioText(1 / latencyRatio.value)} (${formatNumber(1 / high, 2)}–${formatNumber(1 / low, 2)})`
      return [`Samples per second of ${graph}, batch ${batch}`, rate(before), rate(after), change]
    }),
  ]
}

function memoryRow({ memory: { before, after } }: CompressionReport): Row {
  const text = ({ value, interval: [low, high] }: PeakMemory) =>
    `${formatBytes(value)} (${formatBytes(low)}–${formatBytes(high)})`
  return [
    'Peak memory of a process, batch 32',
    text(before),
    text(after),
    ratioText(after.value / before.value),
  ]
}

const ratioText = (ratio: number): string => `× ${formatNumber(ratio, 2)}`

const significant = (value: number): string => formatNumber(Number(value.toPrecision(3)))
