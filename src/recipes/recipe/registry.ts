import { ConfigError } from '../../core/index.ts'
import type { OwnSources } from '../../data/index.ts'
import { type Evaluator, type Evaluators, evaluators } from '../../evaluation/index.ts'
import { type Families, type Family, families } from '../../models/index.ts'
import { objectives } from '../objectives/index.ts'
import type { Objective, Objectives } from '../objectives/objective.ts'

/** A user's own rows, beside the built-in ones. */
export interface Extensions {
  /** Model families by their `model_type`. */
  readonly families?: Families | undefined
  /** Objectives by their `kind`. */
  readonly objectives?: Objectives | undefined
  /** Evaluators of suites by their `kind`. */
  readonly evaluators?: Evaluators | undefined
  /** Sources that recipes name as `{ kind: 'own', name }`. */
  readonly sources?: OwnSources | undefined
}

/** All rows that recipes may name. */
export interface Registry {
  readonly families: Families
  readonly objectives: Objectives
  readonly evaluators: Evaluators
  readonly sources: OwnSources
}

/** The rows of the library. */
export const builtIn: Registry = { families, objectives, evaluators, sources: {} }

/**
 * The built-in rows and those of a user.
 * @throws ConfigError `config/row-exists` for a name that the library has a row for.
 */
export function registryOf(own: Extensions = {}): Registry {
  if (Object.values(own).every((rows) => rows === undefined)) return builtIn
  return {
    families: joined<Family>('family', families, own.families),
    objectives: joined<Objective>('objective', objectives, own.objectives),
    evaluators: joined<Evaluator>('evaluator', evaluators, own.evaluators),
    sources: own.sources ?? {},
  }
}

function joined<Row>(
  what: string,
  known: Readonly<Record<string, Row>>,
  own: Readonly<Record<string, Row>> = {},
): Readonly<Record<string, Row>> {
  const name = Object.keys(own).find((name) => Object.hasOwn(known, name))
  if (name === undefined) return { ...known, ...own }
  throw new ConfigError('config/row-exists', `there is a built-in ${what} '${name}'; choose another name`, {
    name,
  })
}
