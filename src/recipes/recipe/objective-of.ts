import type { Objective } from '../objectives/objective.ts'
import type { Registry } from './registry.ts'
import type { Recipe } from './schema.ts'

/** The row of a recipe's objective, which parsing has checked. */
export const objectiveOf = ({ objective }: Pick<Recipe, 'objective'>, { objectives }: Registry): Objective =>
  objectives[objective.kind]!
