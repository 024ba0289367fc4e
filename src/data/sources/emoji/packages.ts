import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { DataError } from '../../../core/index.ts'

const require = createRequire(import.meta.url)

/** Folder of an installed npm package. */
export function packageFolder(name: string): string {
  try {
    return dirname(require.resolve(`${name}/package.json`))
  } catch (cause) {
    throw new DataError(
      'data/package-missing',
      `the emoji source needs the npm package ${name}, which is not installed: npm install ${name}`,
      { package: name },
      { cause },
    )
  }
}

/** Read a JSON file in a package: `emojibase-data/en/data.json`. The caller vouches for its type. */
export function readPackageJson<T>(path: string): T {
  const [, name, file] = /^((?:@[^/]+\/)?[^/]+)\/(.+)$/.exec(path)!
  return JSON.parse(readFileSync(join(packageFolder(name!), file!), 'utf8')) as T
}
