import { ConfigError, nameGroups, sizeOf } from '../../core/index.ts'
import { type Adapter, readAdapter, requireAdapterFits } from '../../deploy/index.ts'
import { isAdapter } from '../../models/index.ts'
import { formatNumber } from '../../report/index.ts'
import type { Task } from '../../training/index.ts'
import { trainedNames } from '../recipe/parameter-rules.ts'
import type { Recipe } from '../recipe/schema.ts'
import type { Base } from './base.ts'
import type { BaseWeights } from './weights-of-base.ts'

type Parameters = Task['parameters']

/**
 * The weights of the adapter that a recipe names to begin with, and a sentence on what is trained. Nothing for a recipe
 * without adapters, no weights for fresh ones.
 * @param fresh Parameters that the base lacks, other than the adapters'.
 * @throws ConfigError `config/lora` for parameters that the base lacks and the recipe would leave as they were drawn, or
 * for other adapters than those to begin with; errors of `readAdapter` and `requireAdapterFits`.
 */
export function adapterWeights(
  base: Base,
  parameters: Parameters,
  recipe: Pick<Recipe, 'lora' | 'parameters'>,
  fresh: readonly string[],
): BaseWeights {
  const { lora } = recipe
  if (!lora) return { values: new Map(), notes: [] }
  const trained = new Set(trainedNames(recipe, { parameters }))
  requireTrained(fresh, trained)
  const values = lora.adapter === undefined ? new Map() : valuesOf(lora.adapter, lora, base, parameters)
  const maps = [...parameters.keys()].filter(isAdapter).length / 2
  const from = lora.adapter === undefined ? '' : `, with the weights of ${lora.adapter}`
  const [some, all] = [trained, parameters.keys()].map((names) => numbersOf(parameters, names))
  return {
    values,
    notes: [
      `lora: ${maps} linear maps have an adapter of rank ${lora.rank}${from}; ${some} of ${all} numbers are trained`,
    ],
  }
}

const numbersOf = (parameters: Parameters, names: Iterable<string>): string =>
  formatNumber([...names].reduce((sum, name) => sum + sizeOf(parameters.get(name)!.shape), 0))

/** Refuse parameters that are neither the base's nor trained: they would stay as they were drawn. */
function requireTrained(fresh: readonly string[], trained: ReadonlySet<string>): void {
  const left = fresh.filter((name) => !trained.has(name))
  if (left.length === 0) return
  const groups = nameGroups(left, trained).join(', ')
  throw new ConfigError(
    'config/lora',
    `lora: the base does not have ${groups}, and adapters alone are trained. Train them too, by parameters: ` +
      `[{ pattern: '${left[0]!.split('.')[0]}.*', freeze: false }, …]`,
    { parameters: left },
  )
}

/** The weights of an adapter. */
function valuesOf(
  directory: string,
  lora: NonNullable<Recipe['lora']>,
  { bundle }: Base,
  parameters: Parameters,
): BaseWeights['values'] {
  const adapter = readAdapter(directory)
  requireAdapterFits(adapter, bundle.weights, directory)
  const differing = differences(adapter, lora, parameters)
  if (differing.length === 0) return adapter.weights
  throw new ConfigError(
    'config/lora',
    `lora.adapter: this recipe describes other adapters than ${directory}: ${differing.slice(0, 5).join(', ')}. Leave rank, ` +
      "alpha, targetModules and useRslora out, and they are the adapter's",
    { adapter: directory, differing },
  )
}

/** Sentences on what a recipe says of its adapters and the one that it begins with has otherwise. */
function differences(
  { options, weights }: Adapter,
  lora: NonNullable<Recipe['lora']>,
  parameters: Parameters,
): string[] {
  const keys = (['rank', 'alpha', 'useRslora'] as const).filter((key) => lora[key] !== options[key])
  const own = [...parameters.keys()].filter(isAdapter)
  return [
    ...keys.map((key) => `${key} is ${lora[key]} and not ${options[key]}`),
    ...own.filter((name) => !weights.has(name)).map((name) => `${name} is not there`),
    ...[...weights.keys()].filter((name) => !parameters.has(name)).map((name) => `${name} is not used`),
  ]
}
