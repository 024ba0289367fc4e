import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findLayers, withoutSomeLayers } from '../../src/compression/structured/prune-layers.ts'
import { findUnits, withoutSome } from '../../src/compression/structured/prune-units.ts'
import { float32, random, sizeOf } from '../../src/core/index.ts'
import { fingerprintsOf, mergeAdapters, pathsOf } from '../../src/deploy/adapter.ts'
import { writeAdapter } from '../../src/deploy/adapter-files.ts'
import { DualEncoderRuntime, writeBundle } from '../../src/deploy/index.ts'
import { addAdapters, buildModel } from '../../src/models/index.ts'
import { namedParameters } from '../../src/nn/index.ts'
import { emojiPicture } from '../support/emoji-picture.ts'
import { tinyBundle } from '../support/tiny-bundle.ts'

/** An interpreter that has torch, transformers and pillow; name it in PYTHON. */
const interpreter = process.env.PYTHON ?? 'python3'
const has = (...packages: string[]): boolean => {
  const found = `all(__import__('importlib.util').util.find_spec(m) for m in ${JSON.stringify(packages)})`
  return spawnSync(interpreter, ['-c', `raise SystemExit(not ${found})`]).status === 0
}
const isThere = has('torch', 'transformers', 'PIL')

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

  /** @param inPython What Python loads. Default: the same folder. */
  async function expectSame(directory: string, model: string, inPython = directory): Promise<void> {
    const features = JSON.parse(python('features.py', inPython, picture, ...texts)) as Features
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

  test.each(['clip', 'siglip'] as const)(
    'gives the features of a %s bundle without some hidden units and layers',
    async (type) => {
      const bundle = tinyBundle(type)
      const { stacks } = findLayers(bundle)
      const shorter = withoutSomeLayers(
        bundle,
        stacks,
        stacks.map((_, i) => [i % 2]),
      )
      const { sets } = findUnits(shorter)
      // SigLIP's pooling has hidden units of its own, whose number is that of the layers.
      const removed = sets.map(({ kind }) => (kind === 'hidden' ? [3, 11, 40] : []))
      await writeBundle(join(folder, `pruned-${type}`), withoutSome(shorter, sets, removed))
      await expectSame(join(folder, `pruned-${type}`), type === 'clip' ? 'CLIPModel' : 'SiglipModel')
    },
  )

  test.each(['float16', 'bfloat16'] as const)('gives the features of a bundle in %s', async (dtype) => {
    await writeBundle(join(folder, dtype), tinyBundle('clip'), { dtype })
    await expectSame(join(folder, dtype), 'CLIPModel')
  })

  test.skipIf(!has('peft'))('gives the features of a bundle with adapters, when peft adds them', async () => {
    const clip = tinyBundle('clip')
    const targetModules = ['*.q_proj', 'vision_model.*.fc2', 'text_projection']
    const options = { rank: 3, alpha: 6, dropout: 0, targetModules, useRslora: true }
    const parameters = namedParameters(addAdapters(buildModel(clip.model.config), options))
    const adapters = [...parameters].filter(([name]) => name.includes('.lora_'))
    const drawn = adapters.map(([name, { shape }]) => {
      const stream = random(5, name)
      return [
        name,
        float32(
          shape,
          Array.from({ length: sizeOf(shape) }, () => stream.normal(0, 0.2)),
        ),
      ] as const
    })
    const weights = new Map(drawn)
    const adapter = { options, weights, base: fingerprintsOf(clip.weights, pathsOf(weights)) }
    await writeAdapter(join(folder, 'adapter'), adapter)
    await writeBundle(join(folder, 'plain'), clip)
    const merged = mergeAdapters(clip.weights, weights, options)
    await writeBundle(join(folder, 'merged'), { ...clip, weights: merged })
    const inPython = `${join(folder, 'plain')}+${join(folder, 'adapter')}`
    await expectSame(join(folder, 'merged'), 'CLIPModel', inPython)
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
