import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DualEncoderRuntime, writeBundle } from '../../src/deploy/index.ts'
import { emojiPicture } from '../support/emoji-picture.ts'
import { tinyBundle } from '../support/tiny-bundle.ts'

/** An interpreter that has torch, transformers and pillow; name it in PYTHON. */
const interpreter = process.env.PYTHON ?? 'python3'
const packages =
  "all(__import__('importlib.util').util.find_spec(m) for m in ('torch', 'transformers', 'PIL'))"
const isThere = spawnSync(interpreter, ['-c', `raise SystemExit(not ${packages})`]).status === 0

const python = (script: string, ...args: string[]): string => {
  const env = { ...process.env, HF_HUB_OFFLINE: '1' }
  const file = join(import.meta.dirname, script)
  const { status, stdout, stderr } = spawnSync(interpreter, [file, ...args], { encoding: 'utf8', env })
  if (status !== 0) throw new Error(stderr)
  return stdout
}

interface Features {
  readonly model: string
  readonly image: readonly number[]
  readonly texts: readonly (readonly number[])[]
}

const note = isThere ? '' : ' (skipped: PYTHON names no interpreter with torch, transformers and pillow)'

describe.skipIf(!isThere)(`Python's transformers${note}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'python-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const picture = join(folder, 'picture.png')
  const texts = ['a red apple', 'the smiling face of a cat', `a photo ${'of a red car '.repeat(9)}`]
  beforeAll(async () => writeFileSync(picture, await emojiPicture(32)))

  async function expectSame(directory: string, model: string): Promise<void> {
    const features = JSON.parse(python('features.py', directory, picture, ...texts)) as Features
    expect(features.model).toBe(model)
    const runtime = await DualEncoderRuntime.load(directory)
    const image = await runtime.embedImages([{ file: picture }])
    expectClose(image, features.image)
    expectClose(await runtime.embedTexts(texts), features.texts.flat())
  }

  test.each([
    ['clip', 'CLIPModel'],
    ['siglip', 'SiglipModel'],
    ['vision-text', 'VisionTextDualEncoderModel'],
  ] as const)('gives the features of a %s bundle', async (type, model) => {
    await writeBundle(join(folder, type), tinyBundle(type))
    await expectSame(join(folder, type), model)
  })

  test('saves a model that loads here', async () => {
    await writeBundle(join(folder, 'bundle'), tinyBundle('clip'))
    python('save.py', join(folder, 'bundle'), join(folder, 'saved'))
    await expectSame(join(folder, 'saved'), 'CLIPModel')
  })
})

function expectClose(actual: Float32Array, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length)
  expect(Math.max(...expected.map((value, i) => Math.abs(value - actual[i]!)))).toBeLessThan(1e-4)
}
