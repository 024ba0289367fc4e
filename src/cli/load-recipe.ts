import { override, type Recipe, type RecipeDraft, type Registry, registryOf } from '../recipes/index.ts'
import { loadExtensions, loadNamed, namesOf, recipeSort } from './load-named.ts'
import { isModuleFile } from './module-file.ts'

/** A recipe, and the registry for the names in it. */
export interface LoadedRecipe {
  readonly recipe: Recipe
  readonly registry: Registry
}

/** Tell a recipe's file from a recipe's name. */
export const isRecipeFile = isModuleFile

/** Names of the built-in recipes. */
export const recipeNames: readonly string[] = namesOf(recipeSort)

/**
 * Load a built-in recipe by its name, or the recipe of a file, as `loadNamed` does; also the `recipe.json` of a run.
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
  const { value, own } = await loadNamed(recipe, recipeSort)
  return { draft: value, registry: registryOf(own) }
}

/** The built-in rows, and those of the module that `--with` names. */
export const registryFrom = async ({ with: file }: { readonly with?: string }): Promise<Registry> =>
  registryOf(file === undefined ? {} : await loadExtensions(file))
