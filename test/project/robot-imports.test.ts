import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** Prints the address of every module that is loaded, built-in ones too. */
const hooks = `
import { writeSync } from 'node:fs'
export async function load(url, context, next) {
  writeSync(1, url + '\\n')
  return next(url, context)
}`

const asModule = (code: string): string => `data:text/javascript,${encodeURIComponent(code)}`

/** Files that a process loads which imports one room of the built package, with what they load in turn. */
function loadedBy(room: string): string[] {
  const register = asModule(
    `import { register } from 'node:module'; register(${JSON.stringify(asModule(hooks))})`,
  )
  const code = `await import('visuomotor/${room}')`
  const argv = ['--import', register, '--input-type=module', '--eval', code]
  return execFileSync(process.execPath, argv, { cwd: root, encoding: 'utf8' }).split('\n')
}

/** Sources whose code is in the package's own files among these, as `src/deploy/bundle.ts`: the bundler names each. */
const sourcesIn = (loaded: readonly string[]): string[] =>
  loaded
    .filter((url) => url.startsWith('file:') && url.includes('/dist/') && !url.includes('/node_modules/'))
    .flatMap((url) => readFileSync(fileURLToPath(url), 'utf8').match(/(?<=^\/\/ )src\/.*\.ts$/gm) ?? [])

/** Packages and folders that take time and memory, and that acting needs nothing of. */
const foreign = [
  ...[
    'hyparquet',
    'hyparquet-compressors',
    'tar-stream',
    'compromise',
    'emojibase-data',
    'sharp',
    'protobufjs',
  ],
  ...[
    '@mujoco/mujoco',
    'three',
    'vega',
    'vega-lite',
    '@resvg/resvg-js',
    'umap-js',
    'tsx',
    'commander',
    'cli-progress',
  ],
].map((name) => `/node_modules/${name}/`)

const own = ['training', 'evaluation', 'recipes', 'cli', 'world', 'report', 'data/loader', 'data/mix']

it.each([
  ['deploy', 'src/deploy/policy-runtime.ts'],
  ['deploy/servers', 'src/deploy/servers/model-server.ts'],
])('a robot that imports visuomotor/%s loads no code of training, data sets or simulation', (room, file) => {
  const loaded = loadedBy(room)
  const sources = sourcesIn(loaded)
  expect(sources, 'built with npm run build').toContain(file)
  expect(loaded.filter((url) => url.includes('/node_modules/koffi/'))).not.toEqual([])
  expect(loaded.filter((url) => foreign.some((part) => url.includes(part)))).toEqual([])
  expect(sources.filter((file) => own.some((name) => file.startsWith(`src/${name}`)))).toEqual([])
  expect(sources.filter((file) => file.startsWith('src/data/sources/'))).toEqual([
    'src/data/sources/bad-sample.ts',
  ])
})

it('importing evaluation loads no package of its maps, plots and Parquet files', () => {
  const late = ['umap-js', 'vega', '@resvg/resvg-js', 'hyparquet-compressors']
  const loaded = loadedBy('evaluation')
  expect(late.filter((name) => loaded.some((url) => url.includes(`/node_modules/${name}/`)))).toEqual([])
})

it('the packages that it must not load are seen where they are loaded', () => {
  const loaded = loadedBy('evaluation')
  for (const name of ['hyparquet', 'three'])
    expect(
      loaded.some((url) => url.includes(`/node_modules/${name}/`)),
      name,
    ).toBe(true)
})
