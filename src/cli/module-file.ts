import { existsSync, readFileSync } from 'node:fs'
import { dirname, extname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ConfigError, type ErrorCode, optionalPackage, shellWord } from '../core/index.ts'
import type { Extensions } from '../recipes/index.ts'

/** Exports of a module: a recipe or a suite, and own rows that it names. */
export interface Exports extends Extensions {
  readonly default?: unknown
  readonly __esModule?: boolean
}

type Reader = (file: string) => Promise<Exports>

const importFile: Reader = (file) => import(pathToFileURL(file).href)

/** Node strips types by itself from 22.18 and 23.6 on. */
const nodeReadsTypeScript = Boolean((process.features as { readonly typescript?: unknown }).typescript)

/** Codes of what Node does not do and tsx does: enums and the like, imports without an ending, TypeScript in packages. */
const beyondNode: ReadonlySet<string | undefined> = new Set([
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING',
  'ERR_UNSUPPORTED_DIR_IMPORT',
  'ERR_MODULE_NOT_FOUND',
])

async function importByTsx(file: string): Promise<Exports> {
  // not before: commands without such a file start faster
  const { tsImport } = await optionalPackage('tsx', 'a file in TypeScript', () => import('tsx/esm/api'))
  return unwrapped(await tsImport(pathToFileURL(file).href, import.meta.url))
}

/** Second attempt at a file that Node alone did not read; where tsx is not installed, Node's reason is told. */
const orByTsx =
  (file: string) =>
  async (reason: NodeJS.ErrnoException): Promise<Exports> => {
    if (!beyondNode.has(reason.code)) throw reason
    return importByTsx(file).catch((error) => {
      throw error instanceof ConfigError && error.code === 'config/package' ? reason : error
    })
  }

/** Readers by file extension. */
const readers: Readonly<Record<string, Reader>> = {
  '.ts': (file) => (nodeReadsTypeScript ? importFile(file).catch(orByTsx(file)) : importByTsx(file)),
  '.js': importFile,
  '.mjs': importFile,
  '.json': async (file) => ({ default: JSON.parse(readFileSync(file, 'utf8')) }),
}

/** File extensions that can be read. */
export const moduleEndings: readonly string[] = Object.keys(readers)

/** Tell a file that can be read from a name. */
export const isModuleFile = (text: string): boolean => Object.hasOwn(readers, extname(text))

/**
 * Exports of a module, unwrapped: beside a package.json without `"type": "module"`, tsx gives them as the default
 * export.
 */
function unwrapped(module: Exports): Exports {
  const inner = module.default as Exports | undefined
  return inner?.__esModule ? inner : module
}

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
