import { existsSync, readFileSync } from 'node:fs'
import { dirname, extname, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ConfigError, didYouMean, shellWord } from '../core/index.ts'
import {
  builtIn,
  draftRecipes,
  type Extensions,
  override,
  type Recipe,
  type RecipeDraft,
  type Registry,
  recipes,
  registryOf,
} from '../recipes/index.ts'

/** Exports of a module: a recipe, and own rows that the recipe names. */
interface Exports extends Extensions {
  readonly default?: unknown
  readonly __esModule?: boolean
}

type Reader = (file: string) => Promise<Exports>

const importFile: Reader = (file) => import(pathToFileURL(file).href)

/** Readers by file extension. */
const readers: Readonly<Record<string, Reader>> = {
  '.ts': async (file) => {
    const { tsImport } = await import('tsx/esm/api') // not before: commands without such a file start faster
    return unwrapped(await tsImport(pathToFileURL(file).href, import.meta.url))
  },
  '.js': importFile,
  '.mjs': importFile,
  '.json': async (file) => ({ default: JSON.parse(readFileSync(file, 'utf8')) }),
}

/**
 * Exports of a module, unwrapped: beside a package.json without `"type": "module"`, tsx gives them as the default
 * export.
 */
function unwrapped(module: Exports): Exports {
  const inner = module.default as Exports | undefined
  return inner?.__esModule ? inner : module
}

/** A recipe, and the registry for the names in it. */
export interface LoadedRecipe {
  readonly recipe: Recipe
  readonly registry: Registry
}

/** Tell a recipe's file from a recipe's name. */
export const isRecipeFile = (recipe: string): boolean => Object.hasOwn(readers, extname(recipe))

const builtInRecipes: Readonly<Record<string, () => RecipeDraft>> = { ...recipes, ...draftRecipes }

/** Names of the built-in recipes. */
export const recipeNames: readonly string[] = Object.keys(builtInRecipes)

/**
 * Load a built-in recipe by its name, or the recipe of a file: a module whose default export is a recipe, as an object
 * or as a function that returns one, or the `recipe.json` of a run. A module may also export `families` and
 * `objectives`.
 * @param assignments Values to replace, as `override` takes them. Default: none.
 * @throws ConfigError `recipe/unknown` naming the nearest, `recipe/unreadable`, and the errors of `override`.
 */
export async function loadRecipe(recipe: string, assignments: readonly string[] = []): Promise<LoadedRecipe> {
  const names = recipeNames
  const own = builtInRecipes[recipe]
  if (names.includes(recipe) && own) return { recipe: override(own(), assignments), registry: builtIn }
  if (isRecipeFile(recipe)) return readRecipeFile(resolve(recipe), assignments)
  throw new ConfigError(
    'recipe/unknown',
    `there is no recipe '${recipe}'${didYouMean(recipe, names)} ` +
      `(a recipe of your own is a file that ends in ${Object.keys(readers).join(', ')})`,
    { recipe, known: names },
  )
}

async function readRecipeFile(file: string, assignments: readonly string[]): Promise<LoadedRecipe> {
  const { default: value, ...own } = await readExports(file)
  const registry = registryOf(extensionsOf(own))
  const recipe = typeof value === 'function' ? await refusing(file, async () => value()) : value
  return { recipe: override(recipe as RecipeDraft, assignments, registry), registry }
}

/** The families and objectives that a module exports. @throws ConfigError of {@link loadRecipe}. */
export async function loadExtensions(file: string): Promise<Extensions> {
  return extensionsOf(await readExports(resolve(file)))
}

const extensionsOf = ({ families, objectives, sources }: Exports): Extensions => ({
  families,
  objectives,
  sources,
})

/** The built-in rows, and those of the module that `--with` names. */
export const registryFrom = async ({ with: file }: { readonly with?: string }): Promise<Registry> =>
  registryOf(file === undefined ? {} : await loadExtensions(file))

async function readExports(file: string): Promise<Exports> {
  if (!existsSync(file)) throw new ConfigError('recipe/unknown', `there is no recipe file ${file}`, { file })
  return refusing(file, () => readers[extname(file)]!(file))
}

/** Run work that may fail because of a recipe file. @throws ConfigError `recipe/unreadable` naming the file. */
async function refusing<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause
    const said = cause instanceof Error ? cause.message : String(cause)
    const reason = /^Cannot find \w+ 'visuomotor['/]/.test(said) ? notInstalled(file) : said
    const message = `${file} cannot be read as a recipe: ${reason}`
    throw new ConfigError('recipe/unreadable', message, { file }, { cause })
  }
}

/**
 * Hint for a recipe outside of this package: it must find the package in a node_modules above itself, as every module.
 */
function notInstalled(file: string): string {
  const here = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
  return (
    "it imports 'visuomotor', which is not installed where the file is. Install this one there: " +
    `npm install --prefix ${shellWord(dirname(file))} ${shellWord(here)}`
  )
}
