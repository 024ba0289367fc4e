import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { ConfigError } from '../../core/index.ts'

/**
 * koffi, by which C is called. Its compiled part is a package of its own for each machine, which npm takes for optional: an
 * installation with `--omit=optional` lacks it unless it is named.
 * @throws ConfigError `engine/koffi` while this module is loaded.
 */
export const { default: koffi } = await import('koffi').catch((cause: unknown) => {
  const root = dirname(createRequire(import.meta.url).resolve('koffi'))
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const name = `@koromix/koffi-${process.platform}-${process.arch}`
  throw new ConfigError(
    'engine/koffi',
    `koffi, by which ONNX Runtime is called, has no compiled part for this machine (an installation with --omit=optional ` +
      `leaves it out): npm install ${name}@${version}`,
    { package: name, version },
    { cause },
  )
})
