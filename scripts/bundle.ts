import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { buildDemo } from './build-demo.ts'

/**
 * Write `dist`'s JavaScript: every room that the package exports, the program and its workers, over shared files under
 * `dist/chunks`. Some thirty files are loaded in half the time of nine hundred, and that is what a short command and a
 * robot's first answer consist of. Declarations beside them are those of `tsc`.
 */
const root = join(import.meta.dirname, '..')
const [source, target] = [join(root, 'src'), join(root, 'dist')]
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Readonly<Record<string, string>>
}
const rooms = Object.values(exports)
  .filter((file) => file !== './dist/deploy/browser/index.js') // browsers run it, not Node
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

for (const file of filesOf(target, '.js')) rmSync(join(target, file))
await build({
  entryPoints: [...rooms, 'cli/main.ts', ...workers].map((file) => join(source, file)),
  ...{ outbase: source, outdir: target, absWorkingDir: root },
  ...{
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
  },
  ...{ chunkNames: 'chunks/[hash]', keepNames: true, logLevel: 'warning', plugins: [addresses] },
})
writeFileSync(join(target, 'root.js'), "export default new URL('.', import.meta.url).href\n")
await buildDemo(join(target, 'deploy/browser'))
