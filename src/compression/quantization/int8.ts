import { z } from 'zod'
import { matchPattern } from '../../optim/index.ts'
import type { CompressionMethod, Subject, Tools } from '../method.ts'
import { calibrationMethods } from './calibrators.ts'
import { int8Pass } from './int8-graph.ts'
import { type CalibrationOptions, type Int8Plan, planInt8 } from './plan-int8.ts'
import { requireFiniteWeights } from './require-finite-weights.ts'
import { type LayerSensitivity, layerSensitivities } from './sensitivity.ts'

const schema = z.strictObject({
  kind: z.literal('int8'),
  calibration: z.enum(calibrationMethods).default('minMax'),
  percentile: z.number().gt(50).lte(100).default(99.99),
  smooth: z.boolean().default(true),
  activations: z.enum(['uint8', 'int8']).default('uint8'),
  weights: z.union([z.literal('auto'), z.literal(7), z.literal(8)]).default('auto'),
  keepFloat: z.union([z.int().nonnegative(), z.array(z.string())]).default(0),
})

export interface Int8Options extends CalibrationOptions {
  readonly kind: 'int8'
  /** Patterns of layers that stay in float, or the number of the most sensitive ones that do. */
  readonly keepFloat: number | readonly string[]
}

/** Defaults of the options, for callers that plan themselves. */
export const int8Options = (options: Partial<Omit<Int8Options, 'kind'>> = {}): Int8Options =>
  schema.parse({ kind: 'int8', ...options })

/**
 * Sensitivity of each layer to int8, the most sensitive first: see {@link layerSensitivities}. The names are those that
 * `keepFloat` takes.
 * @throws Errors of {@link planInt8}.
 */
export async function sensitivity(
  subject: Subject,
  tools: Tools,
  options: CalibrationOptions = int8Options(),
): Promise<LayerSensitivity[]> {
  return layerSensitivities(await planInt8(options, subject, tools), tools)
}

/** A model with the layers of a plan in int8, but for those that are kept in float. */
export const withInt8 = (subject: Subject, { layers }: Int8Plan, kept: readonly string[]): Subject => ({
  ...subject,
  passes: [...subject.passes, int8Pass({ codes: layers, kept: new Set(kept) })],
})

/**
 * Static quantization: products with matrices are computed in int8, with ranges of the activations from samples. What is between
 * them stays in float32: norms, attention, activation functions. Tables of embeddings are int8 by row.
 * @throws ConfigError `optim/pattern` for a pattern that matches no layer; errors of {@link planInt8}.
 */
export const int8: CompressionMethod<Int8Options> = {
  schema,
  async apply(options, subject, tools) {
    requireFiniteWeights(subject)
    const plan = await planInt8(options, subject, tools)
    const names = [...plan.layers.keys()]
    const kept = await keptLayers(options.keepFloat, plan, tools)
    const float = [...kept, ...plan.observation.unseen]
    tools.note(
      `int8: ${names.length - kept.length} of ${names.length + plan.observation.unseen.length} layers; ${plan.precision}` +
        `${float.length > 0 ? `. In float: ${float.join(', ')}` : ''}`,
    )
    if (plan.observation.unseen.length > 0)
      tools.note(`The samples do not reach ${plan.observation.unseen.join(', ')}, which stay in float.`)
    return withInt8(subject, plan, kept)
  },
}

async function keptLayers(keepFloat: Int8Options['keepFloat'], plan: Int8Plan, tools: Tools): Promise<string[]> {
  const names = [...plan.layers.keys()]
  if (typeof keepFloat !== 'number')
    return [...new Set(keepFloat.flatMap((pattern) => matchPattern(pattern, names, 'layer')))]
  if (keepFloat === 0) return []
  return (await layerSensitivities(plan, tools)).slice(0, keepFloat).map(({ layer }) => layer)
}
