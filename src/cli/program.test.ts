import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { visuomotor } from '../../test/support/captured-output.ts'
import { ConfigError, DataError } from '../core/index.ts'
import { Interrupted, report } from './exit-code.ts'

describe('the command line', () => {
  test.each([['--help'], ['search', '--help'], ['--version']])('%s is no failure', async (...argv) => {
    const { code, result } = await visuomotor(...argv)
    expect(code).toBe(0)
    expect(result).toMatch(/search|^\d+\.\d+\.\d+$/)
  })

  test.each([
    [['serach'], /unknown command 'serach' \(did you mean search\?\)/],
    [['devices', '--jsn'], /unknown option '--jsn' \(did you mean --json\?\)/],
    [['search', 'model', 'text'], /required option '--images <directory>'/],
    [['search', 'model', '--images', '.'], /missing required argument 'text'/],
    [['devices', 'more'], /too many arguments/],
    [['search', 'm', 't', '--images', '.', '--top', '0'], /whole number from 1 on/],
    [['export', 'run', '--checkpoint', 'first'], /best, last or the number of a step/],
    [['search', 'm', 't', '--images', '.', '--device', 'tpu'], /engine\/device.*tpu.*cpu/],
    [['evaluate', 'm', '--data', 'emoji:heldoutstyle'], /config\/source.*did you mean 'heldOutStyle'/],
    [['evaluate', 'm', '--on-bad-sample', 'ignore'], /fail, skip/],
  ])('%j is wrong usage', async (argv, message) => {
    const { code, result, notes } = await visuomotor(...argv)
    expect(code).toBe(2)
    expect(result).toBe('')
    expect(notes).toMatch(/^error \[[a-z/-]+\]: [^\n]+$/)
    expect(notes).toMatch(message)
  })

  test('without a command shows the help, as wrong usage', async () => {
    const { code, result, notes } = await visuomotor()
    expect(code).toBe(2)
    expect(result).toBe('')
    expect(notes).toContain('Usage: visuomotor')
  })

  test('ends the process with its code, the result alone on stdout', () => {
    const main = join(import.meta.dirname, 'main.ts')
    const run = (...argv: string[]) =>
      spawnSync(process.execPath, ['--import', 'tsx', main, ...argv], { encoding: 'utf8' })
    const failed = run('export', join(import.meta.dirname, 'nowhere'))
    expect(failed.status).toBe(1)
    expect(failed.stdout).toBe('')
    expect(failed.stderr).toContain('error [bundle/missing]')
  })
})

describe('an error', () => {
  const told: string[] = []
  const output = { result: () => expect.unreachable(), note: (text: string) => void told.push(text) }
  afterEach(() => {
    told.length = 0
    vi.unstubAllEnvs()
  })

  test.each<[unknown, number, string | RegExp]>([
    [new DataError('data/no-images', 'a bad row'), 1, 'error [data/no-images]: a bad row'],
    [new ConfigError('config/unknown-key', 'a bad key'), 2, 'error [config/unknown-key]: a bad key'],
    [new Interrupted('go on with --resume'), 130, 'go on with --resume'],
    [new TypeError('x is undefined'), 1, 'error [internal]: x is undefined (DEBUG=1 shows where)'],
    [Object.assign(new Error('no space'), { code: 'ENOSPC' }), 1, /^error \[ENOSPC\]: no space/],
    ['text', 1, /^error \[internal\]: text/],
    [undefined, 1, /^error \[internal\]: undefined/],
  ])('%s ends with %i', (error, code, text) => {
    expect(report(error, output)).toBe(code)
    expect(told).toHaveLength(1)
    expect(told[0]).toMatch(text)
    expect(told[0]).not.toContain(import.meta.filename)
  })

  test('shows its stack when DEBUG is set', () => {
    vi.stubEnv('DEBUG', '1')
    expect(report(new TypeError('x is undefined'), output)).toBe(1)
    expect(told[0]).toContain(import.meta.filename)
  })
})

test('commands inherit how errors end: none ends the process itself', async () => {
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => expect.unreachable())
  await visuomotor('devices', '--nope')
  await visuomotor('help', 'search')
  expect(exit).not.toHaveBeenCalled()
})
