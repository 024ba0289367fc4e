import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
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

/** Modules that a process loads which imports one room of the built package, with what they load in turn. */
function loadedBy(room: string): string[] {
  const register = asModule(
    `import { register } from 'node:module'; register(${JSON.stringify(asModule(hooks))})`,
  )
  const code = `await import('visuomotor/${room}')`
  const argv = ['--import', register, '--input-type=module', '--eval', code]
  return execFileSync(process.execPath, argv, { cwd: root, encoding: 'utf8' }).split('\n')
}

/** Packages and folders that take time and memory, and that acting needs nothing of. */
const foreign = [
  ...['hyparquet', 'hyparquet-compressors', 'tar-stream', 'compromise', 'emojibase-data'],
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

it.each(['deploy', 'deploy/servers'])(
  'a robot that imports visuomotor/%s loads no code of training, data sets or simulation',
  (room) => {
    const loaded = loadedBy(room)
    expect(
      loaded.filter((url) => url.endsWith(`/dist/${room}/index.js`)),
      'built with npm run build',
    ).toHaveLength(1)
    expect(loaded.filter((url) => url.includes('/node_modules/koffi/'))).not.toEqual([])
    const forbidden = [...foreign, ...own.map((name) => `/dist/${name}`)]
    expect(loaded.filter((url) => forbidden.some((part) => url.includes(part)))).toEqual([])
    const sources = loaded.filter((url) => url.includes('/dist/data/sources/'))
    expect(sources.map((url) => url.split('/').at(-1))).toEqual(['bad-sample.js'])
  },
)

it('importing evaluation loads no package of its maps, plots and Parquet files', () => {
  const late = ['umap-js', 'vega', '@resvg/resvg-js', 'hyparquet-compressors']
  const loaded = loadedBy('evaluation')
  expect(late.filter((name) => loaded.some((url) => url.includes(`/node_modules/${name}/`)))).toEqual([])
})

it('the packages that it must not load are seen where they are loaded', () => {
  const loaded = loadedBy('evaluation')
  for (const name of ['hyparquet', 'tar-stream', 'three'])
    expect(
      loaded.some((url) => url.includes(`/node_modules/${name}/`)),
      name,
    ).toBe(true)
})
