import type { Node } from '../../graph/index.ts'
import type { ChannelStatistics } from './channel-statistics.ts'
import { normalizationOf, Readers } from './channels.ts'
import type { Precision } from './integer-precision.ts'
import type { ActivationPoint, ObservedGraph } from './observed-graphs.ts'
import type { Product } from './products.ts'
import { type Smoothing, searchSmoothing } from './smooth-quant.ts'

/** Least factor by which smoothing must lower an error where it costs a pass over the activations. */
const gainOfPass = 2

/** Extent of the channels of each point, and rows of it. */
export type Statistics = ReadonlyMap<ActivationPoint, ChannelStatistics>

/** Points whose layers are smoothed alike. */
export interface SmoothedGroup {
  readonly points: readonly ActivationPoint[]
  readonly smoothing: Smoothing
}

/** Layers that read some of the points. */
export const layersOf = (points: readonly ActivationPoint[]): string[] => [
  ...new Set(points.flatMap(({ products }) => products.map(({ layer }) => layer))),
]

/** The best smoothing of each group of points that share channels or a matrix; none where none is wanted. */
export function smoothedGroups(
  graphs: readonly ObservedGraph[],
  statistics: Statistics,
  precision: Precision,
  isWanted: boolean,
): SmoothedGroup[] {
  const groups = groupsOf(graphs.flatMap(({ points }) => points))
  const none: Smoothing = { alpha: undefined, factors: undefined, error: Number.NaN }
  if (!isWanted) return groups.map((points) => ({ points, smoothing: none }))
  const free = new Set(graphs.flatMap(foldedPoints))
  return groups.map((points) => {
    const gain = points.every((point) => free.has(point)) ? 1 : gainOfPass
    return { points, smoothing: smoothingOf(points, statistics, precision, gain) }
  })
}

function groupsOf(points: readonly ActivationPoint[]): ActivationPoint[][] {
  const home = new Map<unknown, Set<ActivationPoint>>()
  const keysOf = (point: ActivationPoint) => [point.root, ...layersOf([point])]
  for (const point of points) {
    const merged = new Set([...keysOf(point).flatMap((key) => [...(home.get(key) ?? [])]), point])
    for (const member of merged) for (const key of keysOf(member)) home.set(key, merged)
  }
  return Array.from(new Set(home.values()), (group) => [...group])
}

/** Points of a graph whose smoothing a normalization before them can hold. */
function foldedPoints({ graph, points }: ObservedGraph): ActivationPoint[] {
  const readers = new Readers(graph.outputs)
  const products = new Map<Node, Product>(
    points.flatMap((each) => each.products.map((product) => [product.node, product])),
  )
  return points.filter(
    ({ root }) => normalizationOf(root) && readers.productsOnly(root, products) !== undefined,
  )
}

function smoothingOf(
  points: readonly ActivationPoint[],
  statistics: Statistics,
  precision: Precision,
  gain: number,
): Smoothing {
  const all = points.map((point) => statistics.get(point)!)
  const low = all[0]!.low.map((_, i) => Math.min(...all.map((each) => each.low[i]!)))
  const high = all[0]!.high.map((_, i) => Math.max(...all.map((each) => each.high[i]!)))
  const products = points.flatMap((point) => {
    const { rows } = statistics.get(point)!
    return point.products.map((product) => ({ product, rows }))
  })
  return searchSmoothing({ products, low, high }, precision, gain)
}
