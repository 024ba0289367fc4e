import { existsSync } from 'node:fs'
import { ConfigError, importModule } from '../../../core/index.ts'
import { families as builtIn, type Families } from '../../../models/index.ts'

/**
 * The built-in families and those that modules of the user's export as `families`. Nothing of a bundle is ever executed: the modules
 * are named by who starts the server.
 * @throws ConfigError `serve/option` for a module that is missing, fails, or exports none; `config/row-exists` for the name of a
 * built-in family.
 */
export async function familiesOf(modules: readonly string[] = []): Promise<Families> {
  const all: Record<string, Families[string]> = { ...builtIn }
  for (const file of modules) {
    for (const [name, family] of Object.entries(await exportedFamilies(file))) {
      if (Object.hasOwn(builtIn, name))
        throw new ConfigError(
          'config/row-exists',
          `${file}: there is a built-in family '${name}'; choose another name`,
          { file, name },
        )
      all[name] = family
    }
  }
  return all
}

async function exportedFamilies(file: string): Promise<Families> {
  const refuse = (problem: string, cause?: unknown) =>
    new ConfigError('serve/option', `${file} ${problem}`, { file }, { cause })
  if (!existsSync(file)) throw refuse('of the model’s family does not exist')
  const exports = await importModule(file).catch((cause: unknown) => {
    if (cause instanceof ConfigError) throw cause
    throw refuse(
      `cannot be read as a module: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    )
  })
  const { families } = exports
  if (typeof families === 'object' && families !== null) return families as Families
  throw refuse('exports no families: export const families = { name: … }')
}
