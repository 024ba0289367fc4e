import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'

const root = join(import.meta.dirname, '..')
const source = join(root, 'src/deploy/browser')

/** Packages that only Node has; what uses them is never called in a browser. */
const absent = /^(node:|#dist$|(sharp|koffi|protobufjs|compromise)(\/|$)|onnxruntime-)/

/**
 * Our own modules without what nothing uses of them, and empty modules in place of Node's and of the engine, which calls ONNX
 * Runtime's C library: a browser's graphs take its place.
 */
const forBrowsers: Plugin = {
  name: 'for-browsers',
  setup({ onLoad, onResolve, resolve }) {
    const empty = (path: string) => ({ path, namespace: 'absent', sideEffects: false })
    onResolve({ filter: absent }, ({ path }) => empty(path))
    onLoad({ filter: /^/, namespace: 'absent' }, () => ({ contents: 'module.exports = {}' }))
    onResolve({ filter: /^\./ }, async ({ path, pluginData, ...where }) => {
      if (pluginData === 'seen') return undefined
      const found = await resolve(path, { ...where, pluginData: 'seen' })
      if (found.path.startsWith(join(root, 'src/engine/'))) return empty(found.path)
      return found.path.startsWith(join(root, 'src/')) ? { ...found, sideEffects: false } : found
    })
  },
}

/** The page of `examples/browser` as a server sends it, with the built script; its script makes the rest. */
const index = readFileSync(join(root, 'examples/browser/index.html'), 'utf8').replace('/main.ts', 'page.js')

/**
 * The files that browsers run, by their paths in `target`: `index.js`, the module `visuomotor/deploy/browser`, and `index.html` with `page.js`, the page of
 * `visuomotor serve --demo`. They share a file, and need no network.
 */
export async function demoFiles(target: string): Promise<ReadonlyMap<string, Buffer>> {
  const { outputFiles } = await build({
    entryPoints: { index: join(source, 'index.ts'), page: join(source, 'page/served-page.ts') },
    ...{ outdir: target, absWorkingDir: root, bundle: true, splitting: true, chunkNames: 'shared-[hash]' },
    ...{ minify: true, keepNames: true, logLevel: 'warning' },
    ...{ format: 'esm', platform: 'browser', target: 'es2022', plugins: [forBrowsers], write: false },
  })
  const scripts = outputFiles.map(({ path, contents }) => [path, Buffer.from(contents)] as const)
  return new Map([...scripts, [join(target, 'index.html'), Buffer.from(index)]])
}
