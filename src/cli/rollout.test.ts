import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { visuomotor } from '../../test/support/captured-output.ts'
import { tinyBundle, tinyPolicy } from '../../test/support/tiny-bundle.ts'
import { writeBundle } from '../deploy/index.ts'

const root = mkdtempSync(join(tmpdir(), 'rollout-'))
const policy = join(root, 'policy')
const other = join(root, 'other')
afterAll(() => rmSync(root, { recursive: true, force: true }))
beforeAll(async () => {
  await writeBundle(policy, tinyPolicy())
  await writeBundle(other, tinyBundle('clip'))
})

describe('rollout', () => {
  test('writes what happened and a film of it, and prints a table', async () => {
    const out = join(root, 'out')
    const flags = ['--episodes', '1', '--splits', 'heldOutScenes,heldOutPairs', '--seed', '3', '--out', out]
    const { code, result, notes } = await visuomotor('rollout', policy, ...flags)
    expect({ code, notes }).toMatchObject({ code: 0 })
    expect(result).toMatch(/Manipulation +Held-out/)
    const { summary, episodes, seed } = JSON.parse(readFileSync(join(out, 'rollout.json'), 'utf8'))
    expect(seed).toBe(3)
    expect(Object.keys(summary)).toEqual(['detection', 'grasping', 'manipulation'])
    expect(summary.manipulation.heldOutPairs).toMatchObject({ episodes: 1, successes: 0 })
    expect(summary.manipulation.heldOutPairs).not.toHaveProperty('control') // there is no other command
    expect(summary.manipulation.heldOutPairs.refusals).toEqual({})
    expect(summary.detection.heldOutPairs.episodes).toBe(2)
    expect(episodes).toHaveLength(4)
    const { pages, pageHeight } = await sharp(join(out, 'rollout.webp'), { animated: true }).metadata()
    expect(pages).toBeGreaterThan(20)
    expect(pageHeight).toBe(276)
  })

  test('gives the same result as JSON for the same seed', async () => {
    const flags = ['--episodes', '1', '--tasks', 'detection', '--json', '--out', join(root, 'same')]
    const [first, second] = [
      await visuomotor('rollout', policy, ...flags),
      await visuomotor('rollout', policy, ...flags),
    ]
    expect(first.code).toBe(0)
    expect(JSON.parse(first.result)).toEqual(JSON.parse(second.result))
  })

  test('comes out bit for bit from its file, in another process, and tells other weights', async () => {
    const out = join(root, 'seed-to-number')
    const tasks = ['--tasks', 'manipulation', '--splits', 'heldOutScenes,heldOutPairs']
    const options = ['--episodes', '1', ...tasks, '--seed', '9', '--threads', '1', '--out', out]
    expect(await visuomotor('rollout', policy, ...options)).toMatchObject({ code: 0 })
    const file = join(out, 'rollout.json')
    const { provenance, episodes } = JSON.parse(readFileSync(file, 'utf8'))
    expect(provenance).toMatchObject({ options: { seed: 9, episodes: 1 }, device: 'cpu', threads: 1 })
    expect(Object.keys(provenance.model)).toContain(join('onnx', 'model.onnx'))
    expect(provenance.versions).toMatchObject({ node: process.versions.node })
    expect(episodes).toHaveLength(2)
    expect(episodes[0].predictions).toMatch(/^[0-9a-f]{64}$/)

    const main = join(import.meta.dirname, '../../dist/cli/main.js')
    const argv = [main, 'rollout', policy, '--verify', file]
    const { stdout } = await promisify(execFile)(process.execPath, argv)
    expect(stdout).toBe('2 episodes, bit for bit the same\n')

    const changed = tinyPolicy()
    const weights = changed.weights.get('vision_model.embeddings.patch_embedding.weight')!
    weights.data.set(Array.from(weights.data, (value) => Number(value) * 1.001) as never)
    await writeBundle(join(root, 'changed'), changed)
    const other = await visuomotor('rollout', join(root, 'changed'), '--verify', file, '--json')
    expect(other.code).toBe(1)
    expect(other.notes).toMatch(/not the same as in .*: onnx.model\.onnx/)
    expect(other.notes).toMatch(/world\/not-reproduced.*2 of 2 episodes.*onnx.model\.onnx/s)
    const { equal, changed: facts, differences } = JSON.parse(other.result)
    expect({ equal, facts }).toEqual({ equal: false, facts: [join('onnx', 'model.onnx')] })
    expect(differences.map(({ episode }: { episode: number }) => episode)).toEqual([0, 1])
    expect(differences[0].path).toMatch(/^(outcomes|predictions)/)
  })

  test('verifies no file that is none, and takes no options beside its own', async () => {
    const none = await visuomotor('rollout', policy, '--verify', join(policy, 'config.json'))
    expect(none.code).toBe(2)
    expect(none.notes).toMatch(/config\/rollout-file.*config\.json.*episodes/s)
    const both = await visuomotor('rollout', policy, '--verify', 'rollout.json', '--seed', '3')
    expect(both.code).toBe(2)
    expect(both.notes).toMatch(/cli\/usage.*--verify.*--seed/s)
  })

  test('keeps an earlier rollout, and leaves no old film beside new numbers', async () => {
    const out = join(root, 'out')
    const read = (name: string) => readFileSync(join(out, name))
    const before = [read('rollout.json'), read('rollout.webp')]
    const flags = ['--episodes', '1', '--splits', 'heldOutScenes', '--tasks', 'detection', '--out', out]
    const { code, notes } = await visuomotor('rollout', policy, ...flags)
    expect({ code, notes }).toMatchObject({ code: 0 })
    expect(notes).toContain(`the earlier rollout is now ${join(out, 'rollout.1.json')}`)
    // detection moves nothing: there is no film
    expect(readdirSync(out).sort()).toEqual(['rollout.1.json', 'rollout.1.webp', 'rollout.json'])
    expect([read('rollout.1.json'), read('rollout.1.webp')]).toEqual(before)
    await visuomotor('rollout', policy, ...flags)
    expect(readdirSync(out)).toContain('rollout.2.json')
  })

  test('says a command of one’s own where it has one meaning, and counts where not', async () => {
    const flags = ['--episodes', '2', '--tasks', 'detection', '--out', join(root, 'own')]
    const said = ['--command', 'pick up the red cup'] // the sentence of docs/rollout.md
    const { code, result, notes } = await visuomotor('rollout', policy, ...flags, ...said)
    expect({ code, notes }).toMatchObject({ code: 0 })
    expect(result).toMatch(/not tried: \d+[\s\S]*× no such[\s\S]*object/)
    expect(notes).toMatch(/"pick up the red cup" has one meaning in 2 of \d+ scenes \(\d+ × no such object/)
    expect(result + notes).not.toContain('world/')
    const { summary, command, episodes } = JSON.parse(readFileSync(join(root, 'own/rollout.json'), 'utf8'))
    expect(command).toBe('pick up the red cup')
    expect(Object.keys(summary.detection)).toEqual(['heldOutScenes'])
    const refused = episodes.filter(({ refusal }: { refusal?: string }) => refusal).length
    expect(summary.detection.heldOutScenes).toMatchObject({ episodes: 2 })
    expect(episodes).toHaveLength(2 + refused)
    expect(summary.detection.heldOutScenes).not.toHaveProperty('control')
  })

  test('says so when it has a meaning in no scene, or none at all', async () => {
    const flags = ['--episodes', '1', '--out', join(root, 'never'), '--watch']
    const said = 'pick up the purple toy behind the orange toy'
    const never = await visuomotor('rollout', policy, ...flags, '--command', said)
    expect(never.code).toBe(1)
    expect(never.notes).toMatch(/world\/never-meant.*in 0 of 200 scenes \(200 × no such object\).*--seed/s)
    const none = await visuomotor('rollout', '/nowhere', '--command', 'juggle the gren cup')
    expect(none.code).toBe(2)
    expect(none.notes).toMatch(/world\/unknown-command.*"juggle"/s)
  })

  test('keeps what was tried when it is interrupted', async () => {
    const out = join(root, 'interrupted')
    const flags = ['--episodes', '50', '--tasks', 'detection', '--splits', 'heldOutScenes', '--out', out]
    const before = process.listenerCount('SIGINT')
    const running = visuomotor('rollout', policy, ...flags)
    await vi.waitUntil(() => process.listenerCount('SIGINT') > before, { timeout: 20_000 })
    process.emit('SIGINT')
    const { code, result, notes } = await running
    expect({ code, notes }).toMatchObject({ code: 130 })
    expect(result).toMatch(/Detection +Held-out/)
    const { episodes, interruptedAfter } = JSON.parse(readFileSync(join(out, 'rollout.json'), 'utf8'))
    expect(interruptedAfter).toBe(episodes.length)
    expect(episodes.length).toBeGreaterThan(0)
    expect(episodes.length).toBeLessThan(100)
    expect(notes).toContain(`interrupted after ${episodes.length} of 100 episodes`)
  })

  test.each([
    ['a task without a head', () => ['rollout', policy, '--tasks', 'navigation'], 2, 'bundle/heads'],
    ['a model that is no policy', () => ['rollout', other], 2, 'bundle/model-type'],
    ['a task that is none', () => ['rollout', policy, '--tasks', 'graspin'], 2, "did you mean 'grasping'"],
    [
      'a split that is none',
      () => ['rollout', policy, '--splits', 'heldOutScene'],
      2,
      "did you mean 'heldOutScenes'",
    ],
    [
      'ranges that are not there',
      () => ['rollout', policy, '--randomize', '/nowhere.json'],
      2,
      'config/randomization-file',
    ],
  ])('refuses %s', async (_, argv, code, said) => {
    const refused = await visuomotor(...argv())
    expect(refused.code).toBe(code)
    expect(refused.notes).toContain(said)
  })
})

describe('data generate tabletop', () => {
  test('makes a data set, tells what is in it, and refuses to mix it with another', async () => {
    const out = join(root, 'scenes')
    const flags = ['data', 'generate', 'tabletop', '--scenes', '8', '--size', '32', '--out', out]
    const made = await visuomotor(...flags, '--seed', '2', '--workers', '1')
    expect({ code: made.code, notes: made.notes }).toMatchObject({ code: 0 })
    expect(made.result).toMatch(/heldOutPairs/)
    expect(made.notes).toMatch(/scenes a second/)
    const again = await visuomotor(...flags, '--seed', '2', '--json')
    expect(JSON.parse(again.result)).toEqual(JSON.parse(readFileSync(join(out, 'dataset.json'), 'utf8')))
    const mixed = await visuomotor(...flags, '--seed', '3')
    expect(mixed.code).toBe(2)
    expect(mixed.notes).toMatch(/other options \(seed\)/)
  })

  test('refuses a world that is none and a robot that is not there', async () => {
    const flags = ['--scenes', '8', '--out', join(root, 'none')]
    expect((await visuomotor('data', 'generate', 'moon', ...flags)).code).toBe(2)
    const robot = await visuomotor('data', 'generate', 'tabletop', ...flags, '--robot', '/nowhere.xml')
    expect(robot.code).toBe(2)
    expect(robot.notes).toContain('world/missing-file')
  })
})
