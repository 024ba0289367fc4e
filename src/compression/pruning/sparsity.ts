import { z } from 'zod'
import { ConfigError } from '../../core/index.ts'
import type { CompressionMethod, Subject, Tools } from '../method.ts'
import { leastOfGroups } from './choose-zeros.ts'
import { importances, scoresOf } from './importance.ts'
import { reachByParts } from './parts.ts'
import { productsOf } from './products.ts'
import { chosenNames, inputsOf, withZeros } from './zero-weights.ts'

const count = z.int().positive()

const schema = z
  .strictObject({
    kind: z.literal('sparsity'),
    /** Weights that stay of every `m`, at least 1. */
    n: count.default(2),
    /** Neighbours along the inputs of a matrix, more than `n`. */
    m: count.default(4),
    /** Importance of a weight: see `scoresOf`. */
    importance: z.enum(importances).default('magnitude'),
    /** Patterns of the matrices that are pruned, among those of products. */
    parameters: z.array(z.string()).nonempty().default(['*']),
    /** Patterns of matrices that stay as they are. */
    except: z.array(z.string()).default([]),
  })
  .refine(({ n, m }) => n < m, { path: ['n'], message: 'n of m neighbours stay, so that n is less than m' })

export type SparsityOptions = z.output<typeof schema>

/** N:M sparsity as a step of a compression: see {@link sparsity}. */
export const sparsityStep = (options: Omit<z.input<typeof schema>, 'kind'> = {}) =>
  ({ kind: 'sparsity', ...options }) as const

/**
 * N:M sparsity (Mishra et al. 2021): of every `m` neighbours along the inputs of a matrix of products, the `n` most important
 * stay. Embeddings have no inputs and stay as they are.
 */
export const sparsity: CompressionMethod<SparsityOptions> = {
  schema: schema as unknown as z.ZodType<SparsityOptions>,
  async apply(options, subject, tools) {
    const { n, m, importance } = options
    const names = namesOf(options, subject, tools)
    const scores = await scoresOf(importance, names, subject, tools)
    const { weights } = subject.bundle
    const widths = new Map(names.map((name) => [name, inputsOf(weights.get(name)!)]))
    const uneven = names.filter((name) => widths.get(name)! % m !== 0)
    if (uneven.length > 0)
      tools.note(
        `${n}:${m}: the ends of rows stay as they are where ${m} does not divide their length: ${uneven.join(', ')}`,
      )
    const zeros = [...scores].map(
      ([name, own]) => [name, leastOfGroups(own, widths.get(name)!, options)] as const,
    )
    return withZeros(subject, new Map(zeros), `Sparse ${n}:${m}, by ${importance}`)
  },
  reach: reachByParts<SparsityOptions>(namesOf),
}

/** The matrices that become sparse. @throws ConfigError `compression/nothing` when there are none. */
function namesOf({ parameters, except, m }: SparsityOptions, { bundle }: Subject, tools: Tools): string[] {
  const read = new Set(
    productsOf(bundle, tools.families).flatMap(({ products }) => products.map(({ parameter }) => parameter)),
  )
  const matrices = [...bundle.weights.keys()].filter((name) => read.has(name))
  const names = chosenNames(matrices, parameters, except).filter(
    (name) => inputsOf(bundle.weights.get(name)!) >= m,
  )
  if (names.length > 0) return names
  throw new ConfigError(
    'compression/nothing',
    `no matrix of products with ${m} inputs or more is left: change parameters or except`,
    { parameters, except },
  )
}
