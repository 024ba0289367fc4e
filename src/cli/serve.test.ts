import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { visuomotor } from '../../test/support/captured-output.ts'
import { tinyPolicy } from '../../test/support/tiny-bundle.ts'
import { writeBundle } from '../deploy/index.ts'
import { runProgram } from './program.ts'

const root = mkdtempSync(join(tmpdir(), 'cli-serve-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('serve', () => {
  test('answers until it is interrupted, and ends in good order', async () => {
    const bundle = join(root, 'policy')
    await writeBundle(bundle, tinyPolicy())
    const notes: string[] = []
    let url = ''
    const output = {
      result: (text: string) => {
        url = JSON.parse(text).url
      },
      note: (text: string) => void notes.push(text),
    }
    const ended = runProgram(
      ['serve', bundle, '--port', '0', '--threads', '1', '--camera', 'front', '--json'],
      output,
    )
    await expect.poll(() => url, { timeout: 60_000 }).not.toBe('')
    expect(await (await fetch(`${url}/healthz`)).text()).toBe('OK\n')
    expect(await (await fetch(`${url}/v1/model`)).json()).toMatchObject({ name: 'policy', tasks: ['act'] })
    process.emit('SIGTERM')
    expect(await ended).toBe(0)
    expect(notes).toEqual(['finishing what was taken; once more stops at once'])
    await expect(fetch(`${url}/healthz`)).rejects.toThrow()
  })

  test.each([
    ['other addresses without a token', ['--host', '0.0.0.0'], /serve\/address/],
    ['a token that cannot be read', ['--token-file', join(root, 'none')], /serve\/option.*cannot be read/],
    ['half of TLS', ['--tls-key', 'key.pem'], /cli\/options/],
    ['a delay that is none', ['--batch-delay', 'soon'], /cli\/usage/],
    ['a model that is not there', [], /bundle\/missing/],
  ])('refuses %s', async (_, flags, message) => {
    const { code, notes } = await visuomotor('serve', join(root, 'nothing'), ...flags)
    expect(notes).toMatch(message)
    expect(code).toBe(2)
  })

  test('takes its token from the environment, where no one else can read it', async () => {
    vi.stubEnv('VISUOMOTOR_TOKEN', 'short')
    const { notes } = await visuomotor('serve', join(root, 'nothing'), '--host', '0.0.0.0')
    expect(notes).toMatch(/a token has 8 or more/)
  })
})
