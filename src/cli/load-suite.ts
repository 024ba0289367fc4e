import { resolve } from 'node:path'
import { ConfigError, didYouMean } from '../core/index.ts'
import type { SuiteInput } from '../evaluation/index.ts'
import { type Extensions, suites } from '../recipes/index.ts'
import { extensionsOf } from './load-recipe.ts'
import { isModuleFile, moduleEndings, readModule } from './module-file.ts'

/** A suite, which is not checked yet, and a user's own rows that it names. */
export interface LoadedSuite {
  readonly suite: SuiteInput
  readonly own: Extensions
}

/** Names of the built-in suites. */
export const suiteNames: readonly string[] = Object.keys(suites)

const suiteFile = {
  what: 'suite',
  missing: 'evaluation/unknown-suite',
  unreadable: 'evaluation/unreadable-suite',
} as const

/**
 * Load a built-in suite by its name, or the suite of a file: a module whose default export is a suite, as an object or as a
 * function that returns one, or JSON. A module may also export `evaluators`, `families`, `objectives` and `sources`.
 * @throws ConfigError `evaluation/unknown-suite` naming the nearest, `evaluation/unreadable-suite`.
 */
export async function loadSuite(name: string): Promise<LoadedSuite> {
  if (suiteNames.includes(name)) return { suite: suites[name]!(), own: {} }
  if (isModuleFile(name)) {
    const { value, exports } = await readModule(resolve(name), suiteFile)
    return { suite: (await value()) as SuiteInput, own: extensionsOf(exports) }
  }
  throw new ConfigError(
    'evaluation/unknown-suite',
    `there is no suite '${name}'${didYouMean(name, suiteNames)} (a suite of your own is a file that ends in ${moduleEndings.join(', ')})`,
    { suite: name, known: suiteNames },
  )
}
