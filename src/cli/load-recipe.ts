import { resolve } from 'node:path'
import { ConfigError, didYouMean } from '../core/index.ts'
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
import { type Exports, isModuleFile, moduleEndings, readModule } from './module-file.ts'

/** A recipe, and the registry for the names in it. */
export interface LoadedRecipe {
  readonly recipe: Recipe
  readonly registry: Registry
}

/** Tell a recipe's file from a recipe's name. */
export const isRecipeFile = isModuleFile

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
  const { draft, registry } = await loadDraft(recipe)
  return { recipe: override(draft, assignments, registry), registry }
}

/** A recipe before `--set`, which may have to finish it, and the registry for the names in it. */
export interface LoadedDraft {
  readonly draft: RecipeDraft
  readonly registry: Registry
}

/** Load a recipe as {@link loadRecipe} does, without checking it. @throws ConfigError `recipe/unknown`, `recipe/unreadable`. */
export async function loadDraft(recipe: string): Promise<LoadedDraft> {
  const names = recipeNames
  const own = builtInRecipes[recipe]
  if (names.includes(recipe) && own) return { draft: own(), registry: builtIn }
  if (isRecipeFile(recipe)) return readRecipeFile(resolve(recipe))
  throw new ConfigError(
    'recipe/unknown',
    `there is no recipe '${recipe}'${didYouMean(recipe, names)} ` +
      `(a recipe of your own is a file that ends in ${moduleEndings.join(', ')})`,
    { recipe, known: names },
  )
}

const recipeFile = { what: 'recipe', missing: 'recipe/unknown', unreadable: 'recipe/unreadable' } as const

async function readRecipeFile(file: string): Promise<LoadedDraft> {
  const { value, exports } = await readModule(file, recipeFile)
  const registry = registryOf(extensionsOf(exports))
  return { draft: (await value()) as RecipeDraft, registry }
}

/** The families, objectives, evaluators and sources that a module exports. @throws ConfigError of {@link loadRecipe}. */
export async function loadExtensions(file: string): Promise<Extensions> {
  return extensionsOf((await readModule(resolve(file), recipeFile)).exports)
}

/** The rows of a user among the exports of a module. */
export const extensionsOf = ({ families, objectives, evaluators, sources }: Exports): Extensions => ({
  families,
  objectives,
  evaluators,
  sources,
})

/** The built-in rows, and those of the module that `--with` names. */
export const registryFrom = async ({ with: file }: { readonly with?: string }): Promise<Registry> =>
  registryOf(file === undefined ? {} : await loadExtensions(file))
