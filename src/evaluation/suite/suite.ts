import { z } from 'zod'
import { ConfigError, problemsOf, schemaKeys } from '../../core/index.ts'
import { type Source, type SourceSpec, sourceSpec } from '../../data/index.ts'
import type { Evaluator, EvaluatorOptions } from './evaluator.ts'

/** One data set of a suite, and what is measured on it; without data for evaluators that draw scenes of their own. */
export interface SuiteTest {
  readonly data?: SourceSpec
  readonly evaluators: readonly EvaluatorOptions[]
}

/** Data sets and evaluators, as plain data with every default. */
export interface Suite {
  readonly name: string
  /** Seed of all that is random: resamples, transforms, splits. */
  readonly seed: number
  /** Data sets by name. */
  readonly tests: Readonly<Record<string, SuiteTest>>
}

/** A suite as written by a user. */
export interface SuiteInput {
  readonly name: string
  /** Default 0. */
  readonly seed?: number
  readonly tests: Readonly<
    Record<
      string,
      {
        readonly data?: SourceSpec | Source | { readonly kind: string }
        readonly evaluators: readonly EvaluatorOptions[]
      }
    >
  >
}

/** Kinds of evaluators that a suite may name, by their schemas. */
export type EvaluatorSchemas = Readonly<Record<string, Pick<Evaluator, 'schema'>>>

/** A suite of tests, for a file of one's own: `export default suite({ name: 'mine', tests: { … } })`. */
export const suite = (input: SuiteInput): SuiteInput => input

/** Characters of names, which are also parts of file names. */
const name = z
  .string()
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u,
    'a name has letters, digits, spaces, dots, dashes and underscores',
  )

/**
 * Check a suite and fill in every default; a second pass changes nothing.
 * @param kinds Evaluators that it may name.
 * @throws ConfigError `evaluation/suite` that names every wrong key and the nearest right one.
 */
export function parseSuite(input: unknown, kinds: EvaluatorSchemas): Suite {
  const schema = schemaOf(kinds)
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const problems = problemsOf(result.error, schemaKeys(schema), input)
  const list = problems.map((problem) => `\n  ${problem}`).join('')
  throw new ConfigError('evaluation/suite', `this suite is not valid:${list}`, { problems })
}

function schemaOf(kinds: EvaluatorSchemas): z.ZodType<Suite> {
  const options = Object.values(kinds).map(({ schema }) => schema) as unknown as [
    z.ZodObject<{ kind: z.ZodLiteral }>,
  ]
  const test = z.strictObject({
    data: sourceSpec.exactOptional(),
    evaluators: z.array(z.discriminatedUnion('kind', options)).nonempty(),
  })
  const tests = z.record(name, test).refine((all) => Object.keys(all).length > 0, 'name a data set')
  return z.strictObject({ name, seed: z.int().default(0), tests }) as unknown as z.ZodType<Suite>
}
