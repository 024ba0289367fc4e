import { resolve } from 'node:path'
import { ConfigError, didYouMean } from '../core/index.ts'
import { spaces } from '../recipes/index.ts'
import { isModuleFile, moduleEndings, readModule } from './module-file.ts'

/** Names of the built-in spaces: those of the recipes that they are for. */
const names: readonly string[] = Object.keys(spaces)

const spaceFile = {
  what: 'space',
  missing: 'study/unknown-space',
  unreadable: 'study/unreadable-space',
} as const

/**
 * Load a built-in space by its name, or that of a file: a module whose default export is a space, as an object or as a
 * function that returns one, or JSON. It is not checked yet.
 * @param name Undefined: the one that is named as the recipe.
 * @throws ConfigError `study/unknown-space` naming the nearest, `study/unreadable-space`.
 */
export async function loadSpace(name: string | undefined, recipe: string): Promise<unknown> {
  if (name === undefined && !names.includes(recipe))
    throw new ConfigError(
      'study/unknown-space',
      `there is no built-in space for ${recipe}: name yours with --space FILE`,
      {
        recipe,
        known: names,
      },
    )
  return read(name ?? recipe)
}

async function read(name: string): Promise<unknown> {
  if (names.includes(name)) return spaces[name]!()
  if (isModuleFile(name)) return (await readModule(resolve(name), spaceFile)).value()
  throw new ConfigError(
    'study/unknown-space',
    `there is no space '${name}'${didYouMean(name, names)} (a space of your own is a file that ends in ${moduleEndings.join(', ')})`,
    { space: name, known: names },
  )
}
