import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { visuomotor } from '../support/captured-output.ts'

const home = mkdtempSync(join(tmpdir(), 'visuomotor-'))
const project = join(home, 'my project')
afterAll(() => rmSync(home, { recursive: true, force: true }))

describe('a new project', () => {
  beforeAll(async () => {
    const { code, result, notes } = await visuomotor('init', project)
    expect({ code, result }).toEqual({ code: 0, result: join(project, 'recipe.ts') })
    expect(notes).toMatch(/^next: cd ['"].*my project['"] && npx visuomotor train recipe\.ts$/)
  })

  test('has pictures with captions, some of them for the validation', async () => {
    const linesOf = (name: string) =>
      readFileSync(join(project, 'photos', name), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
    const [train, validation] = [linesOf('train.jsonl'), linesOf('validation.jsonl')]
    expect([train.length, validation.length]).toEqual([90, 30])
    expect(train[0]).toEqual({ file: 'red-circle-1.png', caption: 'a red circle' })
    expect(new Set([...train, ...validation].map(({ file }) => file)).size).toBe(120)
    const { width, height } = await sharp(join(project, 'photos/red-circle-1.png')).metadata()
    expect([width, height]).toEqual([64, 64])
  })

  test('is trained at once, by the program in its own node_modules, without a network', () => {
    const program = join(project, 'node_modules/.bin/visuomotor')
    const argv = ['train', 'recipe.ts', '--epochs', '8', '--quiet']
    const { status, stdout, stderr } = spawnSync(program, argv, { cwd: project, encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/Validation +image → text/)
    const { results } = JSON.parse(readFileSync(join(project, 'runs/photos/summary.json'), 'utf8'))
    // 30 captions: chance finds 3.3 % at once.
    expect(results.validation.imageToText['R@1']).toBeGreaterThan(15)
  })

  test('is not made over another', async () => {
    const before = readdirSync(project).sort()
    const again = await visuomotor('init', project)
    expect(again).toMatchObject({ code: 2, notes: expect.stringMatching(/cli\/exists.*recipe\.ts.*photos/) })
    expect(readdirSync(project).sort()).toEqual(before)
  })

  test('leaves what it finds: package.json, and the package where it is installed above', async () => {
    const below = join(project, 'below')
    const { code } = await visuomotor('init', below)
    expect(code).toBe(0)
    expect(existsSync(join(below, 'node_modules'))).toBe(false)
    expect(JSON.parse(readFileSync(join(below, 'package.json'), 'utf8'))).not.toHaveProperty('dependencies')
  })
})
