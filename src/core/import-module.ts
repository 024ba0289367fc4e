import { pathToFileURL } from 'node:url'
import { ConfigError } from './errors.ts'
import { missingPackage } from './optional-package.ts'

/** Node strips types by itself from 22.18 and 23.6 on. */
const nodeReadsTypeScript = Boolean((process.features as { readonly typescript?: unknown }).typescript)

/** Codes of what Node does not do and tsx does: enums and the like, imports without an ending, TypeScript in packages. */
const beyondNode: ReadonlySet<string | undefined> = new Set([
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING',
  'ERR_UNSUPPORTED_DIR_IMPORT',
  'ERR_MODULE_NOT_FOUND',
])

/**
 * Exports of a module of a user's, in JavaScript or TypeScript. What it imports of this package are the modules that run here, not
 * copies of them: a layer of its is a layer here. TypeScript is read by Node where it strips types, else by tsx.
 * @throws ConfigError `config/package` for TypeScript where tsx is needed and not installed; what the module throws.
 */
export async function importModule(file: string): Promise<Readonly<Record<string, unknown>>> {
  const { href } = pathToFileURL(file)
  // From sources, as in tests, whatever runs them reads TypeScript already.
  const isRead = !file.endsWith('.ts') || import.meta.url.endsWith('.ts')
  if (isRead) return unwrapped(await import(href))
  if (!nodeReadsTypeScript) return importByTsx(href)
  try {
    return unwrapped(await import(href))
  } catch (reason) {
    if (!beyondNode.has((reason as NodeJS.ErrnoException).code)) throw reason
    return importByTsx(`${href}?again`).catch((error) => {
      throw error instanceof ConfigError && error.code === 'config/package' ? reason : error
    })
  }
}

async function importByTsx(href: string): Promise<Readonly<Record<string, unknown>>> {
  await readTypeScript()
  return unwrapped(await import(href))
}

type Register = (options: { readonly tsconfig: false }) => unknown

let reading: Promise<void> | undefined

/** Let this process import TypeScript from now on. */
function readTypeScript(): Promise<void> {
  reading ??= Promise.all(['tsx/esm/api', 'tsx/cjs/api'].map(register)).then(() => {})
  return reading
}

async function register(name: string): Promise<void> {
  let address: string
  try {
    address = import.meta.resolve(name)
  } catch {
    throw missingPackage('tsx', 'a file in TypeScript')
  }
  const { register: begin, default: inner } = (await import(address)) as {
    readonly register?: Register
    readonly default?: { readonly register: Register }
  }
  // Without a tsconfig.json: its paths could lead from this package's name to other files.
  ;(begin ?? inner?.register)?.({ tsconfig: false })
}

/** Exports of a module; tsx gives them as its default export beside a package.json without `"type": "module"`. */
export function unwrapped(module: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const inner = module.default as Readonly<Record<string, unknown>> | undefined
  return inner?.__esModule ? inner : module
}
