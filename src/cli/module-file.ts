import { existsSync, readFileSync } from 'node:fs'
import { dirname, extname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import {
  ConfigError,
  type ErrorCode,
  importModule,
  optionalPackage,
  shellWord,
  unwrapped,
} from '../core/index.ts'
import type { Extensions } from '../recipes/index.ts'

/** Exports of a module: a recipe or a suite, and own rows that it names. */
export interface Exports extends Extensions {
  readonly default?: unknown
}

type Reader = (file: string) => Promise<Exports>

const importFile: Reader = (file) => importModule(file)

/** True where this runs from its sources, as in tests. */
const isSource = import.meta.url.endsWith('.ts')

/** Readers by file extension. */
const readers: Readonly<Record<string, Reader>> = {
  '.ts': async (file) => {
    if (!isSource) return importModule(file)
    // In tests the file gets copies of its imports, so that it is read as Node reads it.
    const { tsImport } = await optionalPackage('tsx', 'a file in TypeScript', () => import('tsx/esm/api'))
    return unwrapped(await tsImport(pathToFileURL(file).href, import.meta.url))
  },
  '.js': importFile,
  '.mjs': importFile,
  '.json': async (file) => ({ default: JSON.parse(readFileSync(file, 'utf8')) }),
}

/** File extensions that can be read. */
export const moduleEndings: readonly string[] = Object.keys(readers)

/** Tell a file that can be read from a name. */
export const isModuleFile = (text: string): boolean => Object.hasOwn(readers, extname(text))

/** Content of a file, and codes of errors about it. */
export interface FileOf {
  readonly what: 'recipe' | 'space' | 'suite' | 'compression'
  readonly missing: ErrorCode
  readonly unreadable: ErrorCode
}

/** The exports of a file. */
export interface ReadModule {
  /** Give the default export, or what it returns where it is a function. */
  value(): Promise<unknown>
  readonly exports: Exports
}

/** Read a file. @throws ConfigError with the codes of `of`, naming the file. */
export async function readModule(file: string, of: FileOf): Promise<ReadModule> {
  if (!existsSync(file)) throw new ConfigError(of.missing, `there is no ${of.what} file ${file}`, { file })
  const { default: value, ...exports } = await refusing(file, of, () => readers[extname(file)]!(file))
  return {
    value: async () => (typeof value === 'function' ? refusing(file, of, async () => value()) : value),
    exports,
  }
}

/** Run work that may fail because of a file. @throws ConfigError naming the file. */
async function refusing<T>(file: string, { what, unreadable }: FileOf, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause
    const said = cause instanceof Error ? cause.message : String(cause)
    const reason = /^Cannot find \w+ 'visuomotor['/]/.test(said) ? notInstalled(file) : said
    const message = `${file} cannot be read as a ${what}: ${reason}`
    throw new ConfigError(unreadable, message, { file }, { cause })
  }
}

/**
 * Hint for a file outside of this package: it must find the package in a node_modules above itself, as every module.
 */
function notInstalled(file: string): string {
  const here = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
  return (
    "it imports 'visuomotor', which is not installed where the file is. Install this one there: " +
    `npm install --prefix ${shellWord(dirname(file))} ${shellWord(here)}`
  )
}
