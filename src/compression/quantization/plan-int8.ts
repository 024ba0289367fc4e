import { type Batch, ConfigError, DataError, random } from '../../core/index.ts'
import type { Node } from '../../graph/index.ts'
import type { Subject, Tools } from '../method.ts'
import { activationCodes, type Range } from './activation-codes.ts'
import { type CalibrationMethod, count, histogramFor, rangeOf } from './calibrators.ts'
import { ChannelStatistics } from './channel-statistics.ts'
import { normalizationOf, Readers } from './channels.ts'
import type { Histogram } from './histogram.ts'
import { integerPrecision, type Precision, type WantedPrecision } from './integer-precision.ts'
import type { LayerCodes } from './integer-product.ts'
import { observe } from './observe.ts'
import {
  type ActivationPoint,
  type Observation,
  type ObservedGraph,
  observedGraphs,
} from './observed-graphs.ts'
import type { Product } from './products.ts'
import { type Smoothing, searchSmoothing, smoothedRange } from './smooth-quant.ts'

/** Options of a calibration. */
export interface CalibrationOptions extends WantedPrecision {
  readonly calibration: CalibrationMethod
  /** Per cent of all numbers in the range of `percentile`. */
  readonly percentile: number
  /** Smooth outliers by SmoothQuant. */
  readonly smooth: boolean
}

/** Codes of a layer in int8, and what they were chosen by. */
export interface LayerPlan extends LayerCodes {
  /** The range of its activations, smoothed. */
  readonly range: Range
  /** Exponent of its smoothing; undefined for none. */
  readonly alpha: number | undefined
}

/** Findings of a calibration. */
export interface Int8Plan {
  /** Layers by name, in the order in which they run. */
  readonly layers: ReadonlyMap<string, LayerPlan>
  readonly observation: Observation
  /** Sentence about types and bits. */
  readonly precision: string
}

/** Least factor by which smoothing must lower an error where it costs a pass over the activations. */
const gainOfPass = 2

/** Statistics of the points of a group of layers that are smoothed alike. */
interface Group {
  readonly points: readonly ActivationPoint[]
  readonly smoothing: Smoothing
}

/**
 * Calibrate a model on samples.
 * @throws DataError `compression/calibration-data` and `compression/not-finite`; ConfigError `compression/nothing` for a model
 * without products with matrices.
 */
export async function planInt8(
  options: CalibrationOptions,
  subject: Subject,
  tools: Tools,
): Promise<Int8Plan> {
  const observation = observedGraphs(subject, await firstBatch(tools), tools)
  const points = observation.graphs.flatMap((graph) => graph.points)
  if (points.length === 0)
    throw new ConfigError('compression/nothing', 'the model has no product of activations with a matrix', {})
  const { why, ...precision } = integerPrecision(options)
  const statistics = new Map(
    points.map((point, i) => [
      point,
      new ChannelStatistics(point.width, random(tools.seed, 'calibration', i)),
    ]),
  )
  await observe(observation.graphs, tools, (point, values) => statistics.get(point)!.add(values))
  const groups = groupsOf(points).map((members): Group => {
    const smoothing = smoothingOf(members, statistics, observation.graphs, precision, options.smooth)
    return { points: members, smoothing }
  })
  const ranges = await rangesOf(groups, statistics, observation.graphs, options, tools)
  const layers = new Map(
    groups.flatMap(({ points: members, smoothing: { alpha, factors } }) =>
      layersOf(members).map((layer) => {
        const range = ranges.get(layer)!
        const activations = activationCodes(range, precision.type)
        const { bits, weightType } = precision
        return [layer, { activations, bits, weightType, smoothing: factors, range, alpha }] as const
      }),
    ),
  )
  return { layers, observation, precision: why }
}

async function firstBatch(tools: Tools): Promise<Batch> {
  for await (const batch of tools.batches()) if (batch.ids.length > 0) return batch
  throw new DataError(
    'compression/calibration-data',
    'there is no sample to calibrate with: int8 needs some tens of samples as the model was trained on. Give data, or take ' +
      'weightOnly, which needs none',
    {},
  )
}

const layersOf = (points: readonly ActivationPoint[]): string[] => [
  ...new Set(points.flatMap(({ products }) => products.map(({ layer }) => layer))),
]

/** Points that share channels or a matrix, and so their smoothing. */
function groupsOf(points: readonly ActivationPoint[]): ActivationPoint[][] {
  const home = new Map<unknown, Set<ActivationPoint>>()
  const keysOf = (point: ActivationPoint) => [point.root, ...layersOf([point])]
  for (const point of points) {
    const merged = new Set([...keysOf(point).flatMap((key) => [...(home.get(key) ?? [])]), point])
    for (const member of merged) for (const key of keysOf(member)) home.set(key, merged)
  }
  return Array.from(new Set(home.values()), (group) => [...group])
}

type Statistics = ReadonlyMap<ActivationPoint, ChannelStatistics>

function smoothingOf(
  points: readonly ActivationPoint[],
  statistics: Statistics,
  graphs: readonly ObservedGraph[],
  precision: Precision,
  isWanted: boolean,
): Smoothing {
  if (!isWanted) return { alpha: undefined, factors: undefined, error: Number.NaN }
  const all = points.map((point) => statistics.get(point)!)
  const low = all[0]!.low.map((_, i) => Math.min(...all.map((each) => each.low[i]!)))
  const high = all[0]!.high.map((_, i) => Math.max(...all.map((each) => each.high[i]!)))
  const products = points.flatMap((point) => {
    const { rows } = statistics.get(point)!
    return point.products.map((product) => ({ product, rows }))
  })
  const isFree = points.every((point) => isFolded(point, graphs))
  return searchSmoothing({ products, low, high }, precision, isFree ? 1 : gainOfPass)
}

/** Tell if a normalization before a point can hold its smoothing. */
function isFolded(point: ActivationPoint, graphs: readonly ObservedGraph[]): boolean {
  if (!normalizationOf(point.root)) return false
  const { graph, points } = graphs.find((each) => each.points.includes(point))!
  const products = new Map<Node, Product>(
    points.flatMap((each) => each.products.map((product) => [product.node, product])),
  )
  return new Readers(graph.outputs).productsOnly(point.root, products) !== undefined
}

/** The range of each layer, by a second pass over the samples where the method needs to count. */
async function rangesOf(
  groups: readonly Group[],
  statistics: Statistics,
  graphs: readonly ObservedGraph[],
  { calibration, percentile }: CalibrationOptions,
  tools: Tools,
): Promise<ReadonlyMap<string, Range>> {
  const seen = new Map<string, Range>()
  const histograms = new Map<string, Histogram>()
  const counted = new Map<
    ActivationPoint,
    { readonly into: Set<Histogram>; readonly factors: Smoothing['factors'] }
  >()
  for (const { points, smoothing } of groups) {
    const shared = new Map<string, Histogram>()
    for (const layer of layersOf(points)) {
      const read = points.filter((point) => layersOf([point]).includes(layer))
      const range = unionOf(read.map((point) => smoothedRange(statistics.get(point)!, smoothing.factors)))
      seen.set(layer, range)
      const key = read.map((point) => points.indexOf(point)).join()
      const histogram = shared.get(key) ?? histogramFor(calibration, range)
      if (!histogram) continue
      shared.set(key, histogram)
      histograms.set(layer, histogram)
      for (const point of read) {
        const { into } = counted.get(point) ?? { into: new Set() }
        counted.set(point, { into: into.add(histogram), factors: smoothing.factors })
      }
    }
  }
  if (calibration === 'minMax') return seen
  await observe(graphs, tools, (point, values) => {
    const { into, factors } = counted.get(point)!
    for (const histogram of into) count(histogram, calibration, values, factors)
  })
  return new Map(
    Array.from(seen, ([layer, range]) => [
      layer,
      rangeOf(calibration, histograms.get(layer)!, range, percentile),
    ]),
  )
}

const unionOf = (ranges: readonly Range[]): Range => ({
  low: Math.min(...ranges.map(({ low }) => low)),
  high: Math.max(...ranges.map(({ high }) => high)),
})
