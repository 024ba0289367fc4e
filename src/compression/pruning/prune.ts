import { z } from 'zod'
import { ConfigError } from '../../core/index.ts'
import type { CompressionMethod, Subject } from '../method.ts'
import { leastOf, leastOfRows, type Scope, scopes, type Zeros } from './choose-zeros.ts'
import { importances, type Scores, scoresOf } from './importance.ts'
import { reachByParts } from './parts.ts'
import { chosenNames, inputsOf, matricesOf, withZeros } from './zero-weights.ts'

const schema = z.strictObject({
  kind: z.literal('prune'),
  /** Fraction of the weights that become zero, in (0, 1). */
  ratio: z.number().gt(0).lt(1).default(0.3),
  /** Importance of a weight: see `scoresOf`. */
  importance: z.enum(importances).default('magnitude'),
  /** Weights that are compared with each other. Default: `row` for Wanda, as in its paper, else `global`. */
  scope: z.enum(scopes).optional(),
  /** Patterns of the matrices that are pruned. */
  parameters: z.array(z.string()).nonempty().default(['*']),
  /** Patterns of matrices that stay as they are. */
  except: z.array(z.string()).default([]),
})

export type PruneOptions = z.output<typeof schema>

/** Unstructured pruning as a step of a compression: see {@link prune}. */
export const pruneStep = (options: Omit<z.input<typeof schema>, 'kind'> = {}) =>
  ({ kind: 'prune', ...options }) as const

/**
 * Unstructured pruning: the least important weights of the matrices become zero, biases and norms stay. File and speed stay
 * as they are, unless the zeros are stored sparse; a step of fine-tuning keeps them.
 */
export const prune: CompressionMethod<PruneOptions> = {
  schema: schema as unknown as z.ZodType<PruneOptions>,
  async apply(options, subject, tools) {
    const names = namesOf(options, subject)
    const scores = await scoresOf(options.importance, names, subject, tools)
    const zeros = zerosOf(scores, options, subject)
    return withZeros(subject, zeros, `Pruned by ${options.importance}`)
  },
  reach: {
    ...reachByParts<PruneOptions>(namesOf),
    share: (options, share) => ({ ...options, ratio: options.ratio * share }),
  },
}

/** The matrices that are pruned. @throws ConfigError `compression/nothing` when the patterns leave none. */
function namesOf({ parameters, except }: PruneOptions, { bundle }: Subject): string[] {
  const names = chosenNames(matricesOf(bundle), parameters, except)
  if (names.length > 0) return names
  throw new ConfigError('compression/nothing', 'no matrix is left to prune: except names all of them', {
    parameters,
    except,
  })
}

function zerosOf(
  scores: Scores,
  { ratio, importance, scope = usualScope(importance) }: PruneOptions,
  { bundle }: Subject,
): ReadonlyMap<string, Zeros> {
  if (scope === 'global') {
    const flags = leastOf([...scores.values()], ratio)
    return new Map([...scores.keys()].map((name, i) => [name, flags[i]!]))
  }
  return new Map(
    Array.from(scores, ([name, own]) => [
      name,
      scope === 'layer'
        ? leastOf([own], ratio)[0]!
        : leastOfRows(own, inputsOf(bundle.weights.get(name)!), ratio),
    ]),
  )
}

const usualScope = (importance: PruneOptions['importance']): Scope =>
  importance === 'wanda' ? 'row' : 'global'
