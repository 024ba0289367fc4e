import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { visuomotor } from '../../test/support/captured-output.ts'

const home = mkdtempSync(join(tmpdir(), 'completion-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const scriptFor = async (shell: string): Promise<string> => {
  const { code, result } = await visuomotor('completion', shell)
  expect(code).toBe(0)
  return result
}

/** What bash offers at the end of a line. */
async function bashOffers(...words: string[]): Promise<string[]> {
  const line = ['visuomotor', ...words].map((word) => `'${word}'`).join(' ')
  const call = `COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _visuomotor; printf '%s\\n' "\${COMPREPLY[@]}"`
  const file = join(home, 'complete.bash')
  writeFileSync(file, `${await scriptFor('bash')}\n${call}\n`)
  const { stdout, stderr } = spawnSync('bash', [file], { encoding: 'utf8' })
  expect(stderr).toBe('')
  return stdout.split('\n').filter((word) => word !== '')
}

const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0

describe('the completion', () => {
  test.each<[string[], string[]]>([
    [['tr'], ['train']],
    [
      ['data', ''],
      ['inspect', 'generate', 'preview'],
    ],
    [
      ['train', 'emo'],
      ['emoji', 'emoji-long', 'emoji-distill'],
    ],
    [
      ['train', 'emoji', '--se'],
      ['--set', '--seed'],
    ],
    [['train', '--device', 'w'], ['webgpu']],
    [
      ['evaluate', 'runs/emoji', '--on-bad-sample', ''],
      ['fail', 'skip'],
    ],
    [['data', 'inspect', '--js'], ['--json']],
    [['train', '--qu'], ['--quiet']],
    [['completion', 'f'], ['fish']],
    [['train', 'x', 'no-such'], []],
  ])('of bash offers after %j: %j', async (words, offered) => {
    expect(await bashOffers(...words)).toEqual(expect.arrayContaining(offered))
    if (offered.length === 0) expect(await bashOffers(...words)).toEqual([])
  })

  test('has no flag of another command', async () => {
    expect(await bashOffers('devices', '--')).not.toContain('--set')
  })

  test.each(['zsh', 'fish'])('of %s names every command and flag', async (shell) => {
    const script = await scriptFor(shell)
    for (const word of ['train', 'inspect', 'on-bad-sample', 'emoji-long']) expect(script).toContain(word)
  })

  test.skipIf(!has('fish'))('of fish is read by fish (skipped where there is none)', async () => {
    const file = join(home, 'visuomotor.fish')
    writeFileSync(file, await scriptFor('fish'))
    const offers = (line: string) => {
      const command = `source ${file}; complete -C '${line}'`
      const { stdout, stderr } = spawnSync('fish', ['--no-config', '-c', command], { encoding: 'utf8' })
      expect(stderr).toBe('')
      return stdout.split('\n').map((each) => each.split('\t')[0])
    }
    expect(offers('visuomotor tr')).toContain('train')
    expect(offers('visuomotor data ')).toContain('inspect')
    expect(offers('visuomotor train --device ')).toContain('webgpu')
    expect(offers('visuomotor data inspect --js')).toContain('--json')
  })

  test.skipIf(!has('zsh'))('of zsh is read by zsh (skipped where there is none)', async () => {
    const file = join(home, 'visuomotor.zsh')
    writeFileSync(file, `${await scriptFor('zsh')}\nprint -r -- $_comps[visuomotor]\n`)
    const { stdout, stderr } = spawnSync('zsh', ['-f', file], { encoding: 'utf8' })
    expect([stderr, stdout.trim()]).toEqual(['', expect.stringContaining('_visuomotor')])
  })

  test('is refused for another shell', async () => {
    expect(await visuomotor('completion', 'tcsh')).toMatchObject({
      code: 2,
      notes: expect.stringMatching(/bash, zsh, fish/),
    })
  })
})
