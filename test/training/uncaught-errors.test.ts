import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { visuomotor } from '../support/captured-output.ts'

const home = mkdtempSync(join(tmpdir(), 'uncaught-'))
afterAll(() => rmSync(home, { recursive: true }))

/** Run a script as `node train.mjs` does, with the package as it was built. */
function run(lines: string, env: Readonly<Record<string, string>> = {}, flags: readonly string[] = []) {
  const index = pathToFileURL(join(import.meta.dirname, '../../dist/index.js')).href
  const script = join(home, 'train.mjs')
  writeFileSync(script, `import { folder, policy, train } from '${index}'\n${lines}\n`)
  const { DEBUG: _, ...others } = process.env
  const { status, stderr } = spawnSync(process.execPath, [...flags, script], {
    env: { ...others, ...env },
    encoding: 'utf8',
  })
  return { status, stderr }
}

test('a script that fails tells its error in the line of the command line, with its exit code', async () => {
  const recipe = { name: 'photos', data: { kind: 'foldr', directory: 'photos' } }
  const file = join(home, 'recipe.mjs')
  writeFileSync(file, `export default () => (${JSON.stringify(recipe)})\n`)
  const { code, notes } = await visuomotor('train', file)
  const told = notes.slice(notes.indexOf('error ['))
  expect(told).toMatch(/foldr/)
  // As `npx tsx train.ts` does.
  expect(run(`await train(${JSON.stringify(recipe)})`, {}, ['--import', 'tsx'])).toEqual({
    status: code,
    stderr: `${told.trimEnd()}\n`,
  })
})

test('so does one that fails before it trains, or in a promise that nobody awaits', () => {
  const captions = `folder('${home}/none', { captions: 'captions.jsonl' })`
  for (const lines of [captions, `void (async () => ${captions})()`]) {
    const { status, stderr } = run(lines)
    expect(stderr).toMatch(/^error \[data\/[a-z-]+\]: .*none.*\n$/)
    expect(status).toBe(2)
  }
})

test('other errors, and those of a script that is debugged, keep their stack', () => {
  expect(run("throw new TypeError('mine')").stderr).toMatch(/TypeError: mine\n +at /)
  const captions = `folder('${home}/none', { captions: 'captions.jsonl' })`
  expect(run(captions, { DEBUG: '1' }).stderr).toMatch(/\n +at /)
  const handled = `process.on('uncaughtException', () => console.error('handled'))\n${captions}`
  expect(run(handled).stderr).toBe('handled\n')
})
