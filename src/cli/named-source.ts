import { existsSync } from 'node:fs'
import { ConfigError, isRun } from '../core/index.ts'
import { parseSource, type SourceSpec } from '../data/index.ts'
import { builtIn, readRecipe } from '../recipes/index.ts'
import { isRecipeFile, type LoadedRecipe, loadRecipe, recipeNames } from './load-recipe.ts'

/** A data set of a command; with the recipe where a recipe names it. */
export interface NamedSource extends Partial<LoadedRecipe> {
  readonly spec: SourceSpec
}

/** Help of commands that take a named source. */
export const namedSourceHelp =
  'emoji:SPLIT, folder:DIRECTORY?captions=FILE, classFolders:DIRECTORY, parquet:FILES?caption=COLUMN, webdataset:SHARDS, tabletop:DIRECTORY?split=SPLIT or lerobot:DIRECTORY; or a recipe or a run, for its training data'

/**
 * A source in the form of `parseSource`, or the training data of a run, of a recipe's file or of a built-in recipe.
 * @throws ConfigError of `parseSource` and `loadRecipe`.
 */
export async function namedSource(text: string): Promise<NamedSource> {
  const loaded = await namedRecipe(text)
  return loaded ? { spec: loaded.recipe.data, ...loaded } : { spec: parseSource(text) }
}

async function namedRecipe(text: string): Promise<LoadedRecipe | undefined> {
  if (isRun(text)) return { recipe: readRecipe(text), registry: builtIn }
  if (recipeNames.includes(text) || (isRecipeFile(text) && existsSync(text))) return loadRecipe(text)
  if (text.includes(':')) return undefined
  const names = recipeNames.join(', ')
  throw new ConfigError(
    'cli/no-source',
    `${text} is no source, run or recipe: there are ${namedSourceHelp}. Built-in recipes are ${names}`,
    { source: text },
  )
}
