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
    [['train', 'emoji', '--batchsize', '7'], /'--batchsize'; .* --set batches\.size=VALUE$/],
    [['train', 'emoji', '--learning-rate', '1'], /--set optimizer\.learningRate=VALUE$/],
    [['train', 'emoji', '--set', 'batchsize=7'], /did you mean 'batches\.size'\?/],
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
    const main = join(import.meta.dirname, '../../dist/cli/main.js')
    const run = (...argv: string[]) => spawnSync(process.execPath, [main, ...argv], { encoding: 'utf8' })
    const failed = run('export', join(import.meta.dirname, 'nowhere'))
    expect(failed.status).toBe(2)
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
    [new DataError('data/bad-label', 'a bad row'), 1, 'error [data/bad-label]: a bad row'],
    [new DataError('data/no-images', 'an empty folder'), 2, 'error [data/no-images]: an empty folder'],
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

  test.each([
    [['export', 'nowhere']],
    [['report', 'nowhere']],
    [['search', 'nowhere', 'a dog', '--images', '.']],
    [['train', 'nowhere.ts']],
    [['train', '--resume', '--out', 'nowhere']],
    [['data', 'inspect', 'folder:nowhere']],
    [['data', 'inspect', 'webdataset:nowhere.tar']],
    [['robot', 'check', 'nowhere.xml']],
    [['rollout', 'nowhere']],
    [['rollout', 'nowhere', '--command', 'juggle the cup']],
  ])('about something named that is not there ends with 2: %j', async (argv) => {
    const { code, notes } = await visuomotor(...argv)
    expect({ code, notes }).toEqual({ code: 2, notes: expect.stringMatching(/^error \[/) })
  })

  test('is printed as JSON with --json, also for wrong usage', async () => {
    const missing = await visuomotor('export', 'nowhere', '--json')
    expect(JSON.parse(missing.result)).toEqual({
      error: {
        code: 'bundle/missing',
        message: expect.stringContaining('nowhere'),
        facts: expect.any(Object),
      },
    })
    expect(missing.notes).toContain('error [bundle/missing]')
    const usage = await visuomotor('devices', '--jsn', '--json')
    expect(JSON.parse(usage.result).error).toMatchObject({ code: 'cli/usage' })
  })

  test('is told with --quiet, and nothing else is', async () => {
    const { code, result, notes } = await visuomotor('train', 'emoji', '--set', 'epochs=-1', '--quiet')
    expect({ code, result }).toEqual({ code: 2, result: '' })
    expect(notes).toMatch(/^error \[config\/recipe\]/)
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
