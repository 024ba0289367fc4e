import { ConfigError } from '../../core/index.ts'
import type { Weights } from '../../deploy/index.ts'
import { matchPattern } from '../../optim/index.ts'
import type { Recipe } from '../recipe/schema.ts'

/**
 * Names of the matrices of a base whose zeros a recipe keeps.
 * @throws ConfigError `optim/pattern` for a pattern that matches no matrix, `config/keep-zeros` when none of them has a zero.
 */
export function zerosToKeep(
  { keepZeros, base }: Pick<Recipe, 'keepZeros' | 'base'>,
  values: Weights = new Map(),
): string[] {
  const matrices = [...values].flatMap(([name, { shape }]) => (shape.length >= 2 ? [name] : []))
  const patterns = Array.isArray(keepZeros) ? keepZeros : ['*']
  const chosen = new Set(patterns.flatMap((pattern) => matchPattern(pattern, matrices, 'matrix')))
  const kept = [...chosen].filter((name) => values.get(name)!.data.includes(0))
  if (kept.length > 0) return kept
  throw new ConfigError(
    'config/keep-zeros',
    `keepZeros: no matrix of ${base} has a zero to keep. Prune it first (visuomotor compress --prune), or leave the key out`,
    { base, keepZeros },
  )
}
