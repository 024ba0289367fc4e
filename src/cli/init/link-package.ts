import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The directory of this package. */
const home = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '')

/** A way for a project to find this package. */
export interface PackageLink {
  /** Place of the package for `package.json`; undefined where the project finds it already. */
  readonly dependency: string | undefined
  /** Make the links in `node_modules`, which `npm install` would make, without a network. */
  make(): void
}

/** The link of a project to this package, as `npm install PATH` makes it. */
export function linkPackage(project: string): PackageLink {
  if (findsPackage(resolve(project))) return { dependency: undefined, make() {} }
  const modules = join(project, 'node_modules')
  return {
    dependency: `file:${home}`,
    make() {
      mkdirSync(join(modules, '.bin'), { recursive: true })
      symlinkSync(home, join(modules, 'visuomotor'), 'junction')
      writeProgram(join(modules, '.bin', 'visuomotor'), join(home, 'dist/cli/main.js'))
    },
  }
}

/** Tell a directory from which `visuomotor` is found, in a `node_modules` in it or above. */
function findsPackage(directory: string): boolean {
  if (existsSync(join(directory, 'node_modules/visuomotor/package.json'))) return true
  return dirname(directory) !== directory && findsPackage(dirname(directory))
}

function writeProgram(path: string, script: string): void {
  writeFileSync(path, `#!/bin/sh\nexec node "${script}" "$@"\n`)
  chmodSync(path, 0o755)
  writeFileSync(`${path}.cmd`, `@node "${script}" %*\r\n`)
}
