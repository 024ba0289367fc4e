import { pathToFileURL } from 'node:url'
import { missingPackage } from './optional-package.ts'

/**
 * Exports of a module of a user's, in JavaScript or TypeScript. What it imports of this package are the modules that run here, not
 * copies of them: a layer of its is a layer here.
 * @throws ConfigError `config/package` for TypeScript where tsx is not installed; what the module throws.
 */
export async function importModule(file: string): Promise<Readonly<Record<string, unknown>>> {
  // From sources, as in tests, whatever runs them reads TypeScript already.
  if (file.endsWith('.ts') && !import.meta.url.endsWith('.ts')) await readTypeScript()
  return unwrapped(await import(pathToFileURL(file).href))
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
function unwrapped(module: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const inner = module.default as Readonly<Record<string, unknown>> | undefined
  return inner?.__esModule ? inner : module
}
