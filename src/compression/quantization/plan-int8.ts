import { type Batch, ConfigError, DataError, random } from '../../core/index.ts'
import type { Subject, Tools } from '../method.ts'
import { activationCodes, type Range } from './activation-codes.ts'
import { activationRanges } from './activation-ranges.ts'
import type { CalibrationMethod } from './calibrators.ts'
import { ChannelStatistics } from './channel-statistics.ts'
import { integerPrecision, type WantedPrecision } from './integer-precision.ts'
import type { LayerCodes } from './integer-product.ts'
import { observe } from './observe.ts'
import { type Observation, observedGraphs } from './observed-graphs.ts'
import { layersOf, smoothedGroups } from './smoothing-groups.ts'

/** Options of a calibration. */
export interface CalibrationOptions extends WantedPrecision {
  readonly calibration: CalibrationMethod
  /** Percentage of all numbers that the range of `percentile` holds. */
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
  const { graphs } = observation
  const groups = smoothedGroups(graphs, statistics, precision, options.smooth)
  const ranges = await activationRanges(groups, statistics, graphs, options, tools)
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
