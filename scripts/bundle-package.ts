import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { demoFiles } from './build-demo.ts'

const root = join(import.meta.dirname, '..')
const [source, target] = [join(root, 'src'), join(root, 'dist')]
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Readonly<Record<string, string>>
}
/** File that is written last: its time is that at which the build began. */
const stamp = join(target, 'root.js')
const browserModule = './dist/deploy/browser/index.js' // browsers run it, not Node
const rooms = Object.values(exports)
  .filter((file) => file !== browserModule)
  .map((file) => file.replace(/^\.\/dist\//, '').replace(/\.js$/, '.ts'))
const filesOf = (folder: string, ending: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith(ending))
/** Modules that run in threads and processes of their own, started by their file. */
const workers = ['-worker.ts', '-process.ts'].flatMap((ending) => filesOf(source, ending))

/** Where a module is, for itself: beside its declarations, whatever file its code is in. */
const addresses: Plugin = {
  name: 'addresses',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^#dist$/ }, ({ path }) => ({ path, external: true }))
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8')
      if (!text.includes('import.meta.url')) return undefined
      const name = JSON.stringify(relative(source, path).replaceAll('\\', '/').replace(/\.ts$/, '.js'))
      const own = text.replaceAll('import.meta.url', `new URL(${name}, distribution).href`)
      return { contents: `import distribution from '#dist'\n${own}`, loader: 'ts' }
    })
  },
}

const options = {
  ...{ outbase: source, absWorkingDir: root },
  ...{ bundle: true, format: 'esm', platform: 'node', target: 'node20', packages: 'external' },
  ...{ keepNames: true, logLevel: 'warning' },
} as const satisfies BuildOptions

/**
 * Write `dist`'s JavaScript: every room that the package exports, the program and its workers, over shared files under
 * `dist/chunks`. Some thirty files are loaded in half the time of nine hundred, and that is what a short command and a
 * robot's first answer consist of. Declarations beside them are those of `tsc`. Files that would be the same stay.
 */
export async function bundlePackage(): Promise<void> {
  const begin = new Date()
  const entryPoints = [...rooms, 'cli/main.ts', ...workers].map((file) => join(source, file))
  const { outputFiles } = await build({
    ...options,
    ...{ entryPoints, outdir: target, splitting: true, chunkNames: 'chunks/[hash]' },
    ...{ plugins: [addresses], write: false },
  })
  const demo = await demoFiles(join(target, 'deploy/browser'))
  const files = new Map([
    ...outputFiles.map(({ path, contents }) => [path, Buffer.from(contents)] as const),
    ...demo,
  ])
  files.set(stamp, Buffer.from("export default new URL('.', import.meta.url).href\n"))
  mkdirSync(target, { recursive: true })
  for (const file of filesOf(target, '.js')) if (!files.has(join(target, file))) rmSync(join(target, file))
  for (const [path, contents] of files) {
    if (existsSync(path) && readFileSync(path).equals(contents)) continue
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, contents)
  }
  utimesSync(stamp, begin, begin)
}

/** True when nothing that `dist` is built from has changed since it was built. */
export function isBuilt(): boolean {
  if (!existsSync(stamp)) return false
  const { mtimeMs } = statSync(stamp)
  return ['src', 'scripts', 'examples/browser', 'package.json', 'package-lock.json']
    .map((path) => join(root, path))
    .every((path) => [path, ...below(path)].every((each) => statSync(each).mtimeMs < mtimeMs))
}

/** Files and folders below a folder; a folder is newer than what was added or removed in it. */
const below = (path: string): string[] =>
  statSync(path).isDirectory() ? filesOf(path, '').map((file) => join(path, file)) : []

/** The same for a module that is elsewhere, a file of its own: an address is that of the package as it is built. */
const fixedAddresses: Plugin = {
  name: 'fixed-addresses',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8')
      if (!path.startsWith(source) || !text.includes('import.meta.url')) return undefined
      const built = join(target, relative(source, path)).replace(/\.ts$/, '.js')
      const own = JSON.stringify(pathToFileURL(built).href)
      return { contents: text.replaceAll('import.meta.url', own), loader: 'ts' }
    })
  },
}

/** Write a script and all that it imports from the package's source as one file, which starts much sooner than through tsx. */
export async function bundleScript(script: string, outfile: string): Promise<void> {
  await build({ ...options, entryPoints: [script], outfile, plugins: [fixedAddresses] })
}
