import { z } from 'zod'
import { ConfigError, type KeysAt, problemsOf, schemaKeys } from '../core/index.ts'
import { type SourceSpec, sourceSpec } from '../data/index.ts'
import type { CompressionMethods } from './method.ts'

/** One step of a compression: the kind of its method, and options. */
export interface CompressionStep {
  readonly kind: string
}

/** Steps that shrink a model, and the data by which they do and are judged; plain data with every default. */
export interface CompressionRecipe {
  /** Seed of all that is random: samples to calibrate with, resamples, random importance. */
  readonly seed: number
  /** Steps in their order. */
  readonly steps: readonly CompressionStep[]
  readonly calibration: {
    /** Data of activations and gradients. Default: the training data of the run. */
    readonly data?: SourceSpec | undefined
    /** Number of its samples, drawn by the seed. */
    readonly samples: number
  }
  readonly evaluate: {
    /** Data of the quality. Default: the validation data of the run. */
    readonly data?: SourceSpec | undefined
    /** Evaluators, as those of suites. Default: the objective of the model. */
    readonly evaluators?: readonly { readonly kind: string }[] | undefined
    /** Path of the metric, of the first evaluator. Default: what the run monitors, else the evaluator's headline. */
    readonly metric?: string | undefined
  }
  /**
   * Form of `model.safetensors`: `sparse` keeps matrices with zeros as their other values and a bitmask. Default: `sparse`
   * where a step is of kind `sparsity`, else `dense`.
   */
  readonly store: 'dense' | 'sparse'
  /** Largest loss that is taken; the options of the steps are then the most that is tried. Default: no search. */
  readonly budget?: { readonly quality: number } | undefined
}

/** A compression as written by a user. */
export interface CompressionInput {
  readonly seed?: number
  readonly steps: readonly (CompressionStep & Readonly<Record<string, unknown>>)[]
  readonly calibration?: { readonly data?: SourceSpec; readonly samples?: number }
  readonly evaluate?: {
    readonly data?: SourceSpec
    readonly evaluators?: readonly { readonly kind: string }[]
    readonly metric?: string
  }
  readonly store?: 'dense' | 'sparse'
  readonly budget?: { readonly quality: number }
}

/** A compression for a file of one's own: `export default compression({ steps: [{ kind: 'prune', ratio: 0.5 }] })`. */
export const compression = (input: CompressionInput): CompressionInput => input

type Schemas = Readonly<Record<string, Pick<CompressionMethods[string], 'schema'>>>

/**
 * Check a compression and fill in every default; a second pass changes nothing.
 * @param methods Methods that it may name.
 * @throws ConfigError `compression/recipe` that names every wrong key and the nearest right one.
 */
export function parseCompression(input: unknown, methods: Schemas): CompressionRecipe {
  const schema = schemaOf(methods)
  const result = schema.safeParse(input)
  if (result.success) {
    const { store = usualStore(result.data.steps), ...recipe } = result.data
    return { ...recipe, store }
  }
  const problems = problemsOf(result.error, schemaKeys(schema), input)
  const list = problems.map((problem) => `\n  ${problem}`).join('')
  throw new ConfigError('compression/recipe', `this compression is not valid:${list}`, { problems })
}

/** Keys of a compression at a place, for messages about one that is not there. */
export const compressionKeys = (methods: Schemas): KeysAt => schemaKeys(schemaOf(methods))

const usualStore = (steps: readonly CompressionStep[]): CompressionRecipe['store'] =>
  steps.some(({ kind }) => kind === 'sparsity') ? 'sparse' : 'dense'

type Unfinished = Omit<CompressionRecipe, 'store'> & Partial<Pick<CompressionRecipe, 'store'>>

function schemaOf(methods: Schemas): z.ZodType<Unfinished> {
  const steps = Object.values(methods).map(({ schema }) => schema) as unknown as [
    z.ZodObject<{ kind: z.ZodLiteral }>,
  ]
  const schema = z.strictObject({
    seed: z.int().default(0),
    steps: z.array(z.discriminatedUnion('kind', steps)).nonempty('name a step, such as prune'),
    calibration: z
      .strictObject({ data: sourceSpec.optional(), samples: z.int().positive().default(256) })
      .prefault({}),
    evaluate: z
      .strictObject({
        data: sourceSpec.optional(),
        // A suite is made of them, which checks their options.
        evaluators: z
          .array(z.looseObject({ kind: z.string() }))
          .nonempty()
          .optional(),
        metric: z.string().optional(),
      })
      .prefault({}),
    store: z.enum(['dense', 'sparse']).optional(),
    budget: z
      .strictObject({ quality: z.number().max(0, 'points that may be lost, such as -1: not above 0') })
      .optional(),
  })
  return schema as unknown as z.ZodType<Unfinished>
}
