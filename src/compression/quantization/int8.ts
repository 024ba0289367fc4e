import { z } from 'zod'
import { nameGroups } from '../../core/index.ts'
import { matchPattern } from '../../optim/index.ts'
import type { CompressionMethod, Subject, Tools } from '../method.ts'
import { calibrationMethods } from './calibrators.ts'
import { int8Pass } from './int8-graph.ts'
import { int8Section } from './int8-section.ts'
import { layersByPart, layersIn, tablesOf } from './layers-in-part.ts'
import { type CalibrationOptions, type Int8Plan, planInt8 } from './plan-int8.ts'
import { requireFiniteWeights } from './require-finite-weights.ts'
import { type LayerSensitivity, layerSensitivities } from './sensitivity.ts'

/** A pattern of layers, or a number of layers. */
const kept = z.union([z.int().nonnegative(), z.string()])

const schema = z.strictObject({
  kind: z.literal('int8'),
  calibration: z.enum(calibrationMethods).default('minMax'),
  percentile: z.number().gt(50).lte(100).default(99.99),
  smooth: z.boolean().default(true),
  activations: z.enum(['uint8', 'int8']).default('uint8'),
  weights: z.union([z.literal('auto'), z.literal(7), z.literal(8)]).default('auto'),
  keepFloat: z.union([kept, z.array(kept)]).default(0),
})

export interface Int8Options extends CalibrationOptions {
  readonly kind: 'int8'
  /** Layers and tables that stay in float: patterns of their names, and the number of the most sensitive other layers. */
  readonly keepFloat: number | string | readonly (number | string)[]
}

/** Options with their defaults. */
export const int8Options = (options: Partial<Omit<Int8Options, 'kind'>> = {}): Int8Options =>
  schema.parse({ kind: 'int8', ...options })

/** Static int8 as a step of a compression: see {@link int8}. */
export const int8Step = (options: Omit<z.input<typeof schema>, 'kind'> = {}) =>
  ({ kind: 'int8', ...options }) as const

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
export const withInt8 = (subject: Subject, { layers }: Int8Plan, keep: readonly string[]): Subject => ({
  ...subject,
  passes: [...subject.passes, int8Pass({ codes: layers, kept: new Set(keep) })],
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
    const plan = await cachedPlan(options, subject, tools)
    const { unseen } = plan.observation
    const names = [...plan.layers.keys()]
    const choice = await keptLayers(options.keepFloat, plan, tablesOf(subject, tools), tools)
    const inFloat = names.filter((layer) => choice.kept.includes(layer))
    tools.note(
      `int8: ${names.length - inFloat.length} of ${names.length + unseen.length} layers; ${plan.precision}` +
        `${choice.kept.length > 0 ? `. In float: ${choice.kept.join(', ')}` : ''}`,
    )
    if (unseen.length > 0)
      tools.note(`The samples do not reach ${nameGroups(unseen, names).join(', ')}, which stay in float.`)
    const section = int8Section(plan, new Set(choice.kept), choice.measured)
    return { ...withInt8(subject, plan, choice.kept), findings: [...(subject.findings ?? []), section] }
  },
  reach: {
    parts(options, subject, tools) {
      const layers = partsIn(subject, tools)
      const others = (own: readonly string[]) => layers.filter((layer) => !own.includes(layer))
      return new Map(
        Array.from(
          layersByPart(layers),
          ([part, own]) => [part, { ...options, keepFloat: others(own) }] as const,
        ),
      )
    },
    without(options, parts, subject, tools) {
      const all = layersByPart(partsIn(subject, tools))
      return {
        ...options,
        keepFloat: [options.keepFloat, parts.flatMap((part) => all.get(part) ?? [])].flat(2),
      }
    },
  },
}

/** Layers and tables, which may each stay in float. */
const partsIn = (subject: Subject, tools: Tools): string[] => [
  ...new Set([...layersIn(subject, tools), ...tablesOf(subject, tools)]),
]

const plans = new WeakMap<Subject, Map<string, Promise<Int8Plan>>>()

/** The plan for a model, which a search that keeps ever other layers in float wants again and again. */
function cachedPlan(
  { kind: _, keepFloat: __, ...options }: Int8Options,
  subject: Subject,
  tools: Tools,
): Promise<Int8Plan> {
  const known = plans.get(subject) ?? new Map<string, Promise<Int8Plan>>()
  plans.set(subject, known)
  const key = JSON.stringify([options, tools.seed])
  const plan = known.get(key) ?? planInt8(options, subject, tools)
  known.set(key, plan)
  return plan
}

interface KeptLayers {
  readonly kept: readonly string[]
  /** Sensitivities of all layers, where they were measured for the choice. */
  readonly measured?: readonly LayerSensitivity[]
}

async function keptLayers(
  keepFloat: Int8Options['keepFloat'],
  plan: Int8Plan,
  tables: readonly string[],
  tools: Tools,
): Promise<KeptLayers> {
  const wanted = [keepFloat].flat()
  const names = [...plan.layers.keys(), ...plan.observation.unseen, ...tables]
  const matched = wanted.flatMap((each) =>
    typeof each === 'string' ? matchPattern(each, names, 'layer') : [],
  )
  const named = new Set(matched.filter((layer) => !plan.observation.unseen.includes(layer)))
  const count = wanted.reduce<number>((sum, each) => (typeof each === 'number' ? sum + each : sum), 0)
  if (count === 0) return { kept: [...named] }
  const measured = await layerSensitivities(plan, tools)
  const worst = measured.map(({ layer }) => layer).filter((layer) => !named.has(layer))
  return { kept: [...named, ...worst.slice(0, count)], measured }
}
