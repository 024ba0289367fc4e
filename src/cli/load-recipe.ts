import { existsSync, readFileSync } from 'node:fs'
import { dirname, extname, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { tsImport } from 'tsx/esm/api'
import { ConfigError, didYouMean } from '../core/index.ts'
import { type Experiment, parseExperiment, recipes } from '../recipes/index.ts'
import { shellWord } from './shell-word.ts'

type Reader = (file: string) => Promise<unknown>

/** How each kind of file gives its recipe. */
const readers: Readonly<Record<string, Reader>> = {
  '.ts': async (file) => defaultExport(await tsImport(pathToFileURL(file).href, import.meta.url)),
  '.js': async (file) => defaultExport(await import(pathToFileURL(file).href)),
  '.mjs': async (file) => defaultExport(await import(pathToFileURL(file).href)),
  '.json': async (file) => JSON.parse(readFileSync(file, 'utf8')),
}

interface Exports {
  readonly default?: unknown
  readonly __esModule?: boolean
}

/** Beside a package.json without `"type": "module"`, tsx gives the module's exports as the default export. */
function defaultExport({ default: value }: Exports): unknown {
  return (value as Exports | undefined)?.__esModule ? (value as Exports).default : value
}

/** Whether a recipe is given as a file, and not by its name. */
export const isRecipeFile = (recipe: string): boolean => Object.hasOwn(readers, extname(recipe))

/**
 * A built-in recipe by its name, or that of a file: a module whose default export is a recipe, as an object or as
 * a function that returns one, or the `recipe.json` of a run.
 * @throws ConfigError `recipe/unknown` naming the nearest, `recipe/unreadable`, and as `parseExperiment`.
 */
export async function loadRecipe(recipe: string): Promise<Experiment> {
  const names = Object.keys(recipes)
  if (names.includes(recipe)) return parseExperiment(recipes[recipe]!())
  if (isRecipeFile(recipe)) return parseExperiment(await readRecipeFile(resolve(recipe)))
  throw new ConfigError(
    'recipe/unknown',
    `there is no recipe '${recipe}'${didYouMean(recipe, names)} ` +
      `(a recipe of your own is a file that ends in ${Object.keys(readers).join(', ')})`,
    { recipe, known: names },
  )
}

async function readRecipeFile(file: string): Promise<unknown> {
  if (!existsSync(file)) throw new ConfigError('recipe/unknown', `there is no recipe file ${file}`, { file })
  try {
    const recipe = await readers[extname(file)]!(file)
    return typeof recipe === 'function' ? await recipe() : recipe
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause
    const said = cause instanceof Error ? cause.message : String(cause)
    const reason = /^Cannot find \w+ 'visuomotor['/]/.test(said) ? notInstalled(file) : said
    const message = `${file} cannot be read as a recipe: ${reason}`
    throw new ConfigError('recipe/unreadable', message, { file }, { cause })
  }
}

/** A recipe outside of this package finds it as every module finds another: in a node_modules above itself. */
function notInstalled(file: string): string {
  const here = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
  return (
    "it imports 'visuomotor', which is not installed where the file is. Install this one there: " +
    `npm install --prefix ${shellWord(dirname(file))} ${shellWord(here)}`
  )
}
