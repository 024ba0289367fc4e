import { resolve } from 'node:path'
import type { CompressionInput } from '../compression/index.ts'
import { ConfigError, didYouMean, type ErrorCode } from '../core/index.ts'
import type { SuiteInput } from '../evaluation/index.ts'
import {
  compressions,
  draftRecipes,
  type Extensions,
  type RecipeDraft,
  recipes,
  spaces,
  suites,
} from '../recipes/index.ts'
import { type Exports, isModuleFile, moduleEndings, readModule } from './module-file.ts'

/** A sort of things that a command takes by the name of a built-in one, or from a file of the user's. */
export interface NamedSort<T> {
  readonly what: 'recipe' | 'space' | 'suite' | 'compression'
  readonly builtIn: Readonly<Record<string, () => T>>
  readonly missing: ErrorCode
  readonly unreadable: ErrorCode
}

export const recipeSort: NamedSort<RecipeDraft> = {
  what: 'recipe',
  builtIn: { ...recipes, ...draftRecipes },
  missing: 'recipe/unknown',
  unreadable: 'recipe/unreadable',
}

export const suiteSort: NamedSort<SuiteInput> = {
  what: 'suite',
  builtIn: suites,
  missing: 'evaluation/unknown-suite',
  unreadable: 'evaluation/unreadable-suite',
}

/** Spaces, each named as the recipe that it is for. */
export const spaceSort: NamedSort<unknown> = {
  what: 'space',
  builtIn: spaces,
  missing: 'study/unknown-space',
  unreadable: 'study/unreadable-space',
}

export const compressionSort: NamedSort<CompressionInput> = {
  what: 'compression',
  builtIn: compressions,
  missing: 'compression/unknown-recipe',
  unreadable: 'compression/unreadable-recipe',
}

/** Names of the built-in ones of a sort. */
export const namesOf = ({ builtIn }: NamedSort<unknown>): string[] => Object.keys(builtIn)

/** Help for an argument or option that names one. */
export const namedHelp = (sort: NamedSort<unknown>): string =>
  `${namesOf(sort).join(', ')}, or a .ts, .js or .json file of your own`

/** A value, which is not checked yet, and a user's own rows that it names. */
export interface Named<T> {
  readonly value: T
  readonly own: Extensions
}

/**
 * Load one by the name of a built-in one, or that of a file: a module whose default export it is, as an object or as a
 * function that returns one, or JSON. A module may also export `families`, `objectives`, `evaluators` and `sources`.
 * @throws ConfigError with the codes of its sort, naming the nearest.
 */
export async function loadNamed<T>(name: string, sort: NamedSort<T>): Promise<Named<T>> {
  const { what, builtIn, missing } = sort
  if (Object.hasOwn(builtIn, name)) return { value: builtIn[name]!(), own: {} }
  if (isModuleFile(name)) {
    const { value, exports } = await readModule(resolve(name), sort)
    return { value: (await value()) as T, own: extensionsOf(exports) }
  }
  const known = namesOf(sort)
  throw new ConfigError(
    missing,
    `there is no ${what} '${name}'${didYouMean(name, known)} ` +
      `(a ${what} of your own is a file that ends in ${moduleEndings.join(', ')})`,
    { [what]: name, known },
  )
}

/** The families, objectives, evaluators and sources that a module exports. @throws ConfigError of {@link loadNamed}. */
export const loadExtensions = async (file: string): Promise<Extensions> =>
  extensionsOf((await readModule(resolve(file), recipeSort)).exports)

/** The rows of a user among the exports of a module. */
const extensionsOf = ({ families, objectives, evaluators, sources }: Exports): Extensions => ({
  families,
  objectives,
  evaluators,
  sources,
})
