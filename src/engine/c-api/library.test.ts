import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundleScript } from '../../../scripts/bundle-package.ts'

const cache = join(import.meta.dirname, '../../../node_modules/.cache')
mkdirSync(cache, { recursive: true })
const folder = mkdtempSync(join(cache, 'library-'))
const library = join(folder, 'library.mjs')
beforeAll(() => bundleScript(join(import.meta.dirname, 'library.ts'), library))
afterAll(() => rmSync(folder, { recursive: true }))

/** What a process of its own prints: koffi takes its stacks once in a process. */
function inProcess(lines: string): string {
  const arguments_ = ['--input-type=module', '--eval', lines]
  return execFileSync(process.execPath, arguments_, { encoding: 'utf8' })
}

test('a second copy of the engine in a process loads the library too', () => {
  const printed = inProcess(`
    const first = await import(${JSON.stringify(library)})
    const second = await import(${JSON.stringify(`${library}?copy`)})
    console.log(first === second, first.loadLibrary().version === second.loadLibrary().version)`)
  expect(printed).toBe('false true\n')
})

test('a process that used koffi before is told how to widen its stacks', () => {
  const before = (config: string): string => `
    import koffi from 'koffi'
    ${config}
    koffi.load(null)
    const { loadLibrary } = await import(${JSON.stringify(library)})
    try { loadLibrary(); console.log('loaded') } catch (error) { console.log(error.code, error.message) }`
  const told = inProcess(before(''))
  expect(told).toContain('engine/stack-size')
  const advice = /koffi\.config\(\{.*?\}\)/.exec(told)?.[0]
  expect(inProcess(before(String(advice)))).toBe('loaded\n')
})
