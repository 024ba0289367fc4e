import { ConfigError, nameGroups, sameShape } from '../../core/index.ts'
import type { Weights } from '../../deploy/index.ts'
import { isAdapter } from '../../models/index.ts'
import type { Task } from '../../training/index.ts'
import type { Recipe } from '../recipe/schema.ts'
import { adapterWeights } from './adapter-weights.ts'
import type { Base } from './base.ts'

/** The weights of a base that a task begins with. */
export interface BaseWeights {
  /** Values of those of the task's parameters that the base has. */
  readonly values: Weights
  /** Sentences for people: what was taken, and by name what was not. */
  readonly notes: readonly string[]
}

/**
 * Take the weights of a base by their names, and of an adapter to begin with.
 * @throws ConfigError `config/base` naming each tensor whose shape differs; `config/lora` for parameters that the base
 * lacks and the recipe would leave as they were drawn. Errors of `readAdapter` and `requireAdapterFits`.
 */
export function weightsOfBase(
  base: Base,
  { parameters }: Task,
  recipe: Pick<Recipe, 'lora' | 'parameters'>,
): BaseWeights {
  const { weights, leftOut = [] } = base.bundle
  requireShapes(base, parameters)
  const isTaken = (name: string) => parameters.has(name)
  const values = new Map([...weights].filter(([name]) => isTaken(name)))
  const fresh = [...parameters.keys()].filter((name) => !weights.has(name) && !isAdapter(name))
  const unused = [...leftOut, ...weights.keys()].filter((name) => !isTaken(name))
  const notes = [...notesOf(base, values, fresh, unused)]
  const adapters = adapterWeights(base, parameters, recipe, fresh)
  return { values: new Map([...values, ...adapters.values]), notes: [...notes, ...adapters.notes] }
}

function* notesOf(
  { key, directory, changed }: Base,
  values: Weights,
  fresh: readonly string[],
  unused: readonly string[],
): Generator<string> {
  const taken = [...values.keys()]
  yield `${key}: ${taken.length} of the model's ${taken.length + fresh.length} tensors come from ${directory}`
  if (changed.length > 0) yield `${key}: taken over into model: ${changed.join(', ')}`
  if (fresh.length > 0)
    yield `${key}: not taken from it, so drawn anew: ${nameGroups(fresh, taken).join(', ')}`
  if (unused.length > 0) yield `${key}: not used of it: ${nameGroups(unused, taken).join(', ')}`
}

function requireShapes({ key, directory, bundle }: Base, parameters: Task['parameters']): void {
  const misfits = [...bundle.weights].flatMap(([name, { shape }]) => {
    const needed = parameters.get(name)?.shape
    return needed && !sameShape(needed, shape) ? [`${name} is [${shape}] and not [${needed}]`] : []
  })
  if (misfits.length === 0) return
  throw new ConfigError(
    'config/base',
    `${key}: tensors of ${directory} have other shapes than the model's: ${misfits.join(', ')}. Take over the sizes of ` +
      'its config.json, or give heads of another size another name',
    { base: directory, misfits },
  )
}
