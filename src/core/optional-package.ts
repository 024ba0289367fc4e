import { ConfigError } from './errors.ts'

/** Codes of the error of a missing package: `import` and `import.meta.resolve`, and `require`. */
const notFound = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']

/** Modules of an npm package that not every installation has; undefined where it is not installed. */
export async function ifInstalled<Modules>(load: () => Promise<Modules>): Promise<Modules | undefined> {
  try {
    return await load()
  } catch (cause) {
    if (notFound.includes((cause as NodeJS.ErrnoException).code ?? '')) return undefined
    throw cause
  }
}

/**
 * Modules of an npm package that only training or looking needs: a robot's installation leaves it out.
 * @param feature What needs it, as the subject of a sentence in the singular.
 * @throws ConfigError `config/package` naming the package and how to install it.
 */
export async function optionalPackage<Modules>(
  name: string,
  feature: string,
  load: () => Promise<Modules>,
): Promise<Modules> {
  const found = await ifInstalled(load)
  if (found === undefined) throw missingPackage(name, feature)
  return found
}

/** The error of {@link optionalPackage}. @param name One or more packages, with spaces between. */
export const missingPackage = (name: string, feature: string): ConfigError =>
  new ConfigError(
    'config/package',
    `${feature} needs the npm package ${name}, which is not installed (an installation with --omit=optional leaves it out): ` +
      `npm install ${name}`,
    { package: name },
  )
