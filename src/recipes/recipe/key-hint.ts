import { didYouMean } from '../../core/index.ts'
import { earlierKeys } from '../../data/index.ts'
import { placesOfKey } from './key-places.ts'
import { knownKeys, type RecipePath } from './keys.ts'
import type { Registry } from './registry.ts'
import { renamedKey } from './renamed-keys.ts'

/**
 * Hint for a wrong key in messages: its new name, its place in a group, `; did you mean 'seed'?` or all existing keys.
 */
export function keyHint(path: RecipePath, wrong: string, registry: Registry): string {
  const known = knownKeys(path, registry) ?? []
  const isEarlier = known.includes('kind') && (earlierKeys as readonly string[]).includes(wrong)
  const renamed = isEarlier ? [...path, 'kind'].join('.') : renamedKey([...path, wrong])
  if (renamed !== undefined) return `; it is now ${renamed}`
  const [place] = path.length === 0 ? placesOfKey(wrong, registry) : []
  if (place !== undefined) return `; did you mean '${place}'?`
  return didYouMean(wrong, known) || '; nothing can stand below'
}
