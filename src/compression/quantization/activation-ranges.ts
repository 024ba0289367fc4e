import type { Tools } from '../method.ts'
import type { Range } from './activation-codes.ts'
import { type CalibrationMethod, count, histogramFor, rangeOf } from './calibrators.ts'
import type { Histogram } from './histogram.ts'
import { observe } from './observe.ts'
import type { ActivationPoint, ObservedGraph } from './observed-graphs.ts'
import { smoothedRange } from './smooth-quant.ts'
import { layersOf, type SmoothedGroup, type Statistics } from './smoothing-groups.ts'

/** A layer whose activations are counted. */
interface CountedLayer {
  readonly layer: string
  /** Points that it reads; several where a model has it twice. */
  readonly points: readonly ActivationPoint[]
  /** Least and greatest number, smoothed. */
  readonly seen: Range
  /** Counts, which layers that read the same points share; undefined for a method that needs none. */
  readonly histogram: Histogram | undefined
  readonly factors: Float32Array | undefined
}

/** The range of each layer, smoothed, by a further pass over the samples where the method has to count. */
export async function activationRanges(
  groups: readonly SmoothedGroup[],
  statistics: Statistics,
  graphs: readonly ObservedGraph[],
  { calibration, percentile }: { readonly calibration: CalibrationMethod; readonly percentile: number },
  tools: Tools,
): Promise<ReadonlyMap<string, Range>> {
  const layers = groups.flatMap((group) => countedLayers(group, statistics, calibration))
  if (calibration === 'minMax') return new Map(layers.map(({ layer, seen }) => [layer, seen]))
  const readers = new Map<ActivationPoint, Map<Histogram, Float32Array | undefined>>()
  for (const { points, histogram, factors } of layers) {
    for (const point of points) {
      const into = readers.get(point) ?? new Map()
      readers.set(point, into.set(histogram, factors))
    }
  }
  await observe(graphs, tools, (point, values) => {
    for (const [histogram, factors] of readers.get(point)!) count(histogram, calibration, values, factors)
  })
  return new Map(
    layers.map(({ layer, histogram, seen }) => [layer, rangeOf(calibration, histogram!, seen, percentile)]),
  )
}

function countedLayers(
  { points, smoothing: { factors } }: SmoothedGroup,
  statistics: Statistics,
  calibration: CalibrationMethod,
): CountedLayer[] {
  const histograms = new Map<string, Histogram | undefined>()
  return layersOf(points).map((layer) => {
    const read = points.filter((point) => layersOf([point]).includes(layer))
    const seen = unionOf(read.map((point) => smoothedRange(statistics.get(point)!, factors)))
    const key = read.map((point) => points.indexOf(point)).join()
    if (!histograms.has(key)) histograms.set(key, histogramFor(calibration, seen))
    return { layer, points: read, seen, histogram: histograms.get(key), factors }
  })
}

const unionOf = (ranges: readonly Range[]): Range => ({
  low: Math.min(...ranges.map(({ low }) => low)),
  high: Math.max(...ranges.map(({ high }) => high)),
})
