import type { Objective } from '../objectives/objective.ts'
import type { Registry } from './registry.ts'
import type { Recipe } from './schema.ts'

/** The row of a recipe's objective. Parsing has seen that there is one. */
export const objectiveOf = ({ objective }: Pick<Recipe, 'objective'>, { objectives }: Registry): Objective =>
  objectives[objective.kind]!
