import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { evaluate } from '../../test/support/evaluate.ts'
import { golden, goldenFeatures, pretrained } from '../../test/support/pretrained.ts'
import { tinyBundle } from '../../test/support/tiny-bundle.ts'
import { float32, int64, readSafetensors, writeSafetensors } from '../core/index.ts'
import { input } from '../graph/index.ts'
import { addAdapters, buildModel, type DualEncoder } from '../models/index.ts'
import { namedParameters } from '../nn/index.ts'
import { mergeAdapters, requireAdapterFits } from './adapter.ts'
import { readAdapter, writeAdapter } from './adapter-files.ts'
import { AdapterSlots, writeSlots } from './adapter-slots.ts'
import { readBundle } from './read-bundle.ts'
import type { Weights } from './weights.ts'

const folder = mkdtempSync(join(tmpdir(), 'adapter-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const base = readBundle(pretrained('clip'))
const { pixels, clip: expected } = goldenFeatures()

/** Features that a model computes with these weights. */
async function featuresOf(model: DualEncoder, weights: Weights) {
  namedParameters(model)
  const image = model.encodeImage(input('pixels', [1, 3, 16, 16]))
  const text = model.encodeText(input('ids', [2, 12], 'int64'))
  return evaluate(
    { image, text },
    {
      pixels: float32([1, 3, 16, 16], pixels),
      ids: int64([2, 12], expected.ids),
      ...Object.fromEntries(weights),
    },
  )
}

function expectClose(actual: readonly number[], wanted: readonly number[]): void {
  const scale = Math.max(...wanted.map(Math.abs))
  expect(Math.max(...wanted.map((value, i) => Math.abs(value - actual[i]!))) / scale).toBeLessThan(1e-5)
}

test.each(['adapter', 'adapter-rslora'] as const)(
  'the %s of Python’s peft gives its features, merged and beside the base',
  async (name) => {
    const adapter = readAdapter(join(golden, name))
    requireAdapterFits(adapter, base.weights, name)
    const merged = mergeAdapters(base.weights, adapter.weights, adapter.options)
    const adapted = addAdapters(buildModel(base.model.config), adapter.options) as DualEncoder
    const ways = [
      await featuresOf(buildModel(base.model.config) as DualEncoder, merged),
      await featuresOf(adapted, new Map([...base.weights, ...adapter.weights])),
    ]
    for (const { image, text } of ways) {
      expectClose(image!, expected[name].image)
      expectClose(text!, expected[name].text)
    }
    expectClose(ways[0]!.image!, ways[1]!.image!)
  },
)

test.each(['adapter', 'adapter-rslora'])('%s is written as Python wrote it', async (name) => {
  const adapter = readAdapter(join(golden, name))
  await writeAdapter(join(folder, name), adapter)
  const [ours, python] = [join(folder, name), join(golden, name)].map((directory) => ({
    config: JSON.parse(readFileSync(join(directory, 'adapter_config.json'), 'utf8')),
    bytes: readFileSync(join(directory, 'adapter_model.safetensors')),
  }))
  expect(ours!.bytes.equals(python!.bytes)).toBe(true)
  const { target_modules: paths, ...same } = ours!.config
  expect(python!.config).toMatchObject(same)
  // Whole paths, of which Python's last names are the ends.
  for (const path of paths) expect(python!.config.target_modules).toContain(path.split('.').at(-1))
  expect(readAdapter(join(folder, name))).toEqual(adapter)
})

/** A copy of the adapter with another config. */
function changed(change: object): string {
  const directory = mkdtempSync(join(folder, 'changed-'))
  cpSync(join(golden, 'adapter'), directory, { recursive: true })
  const file = join(directory, 'adapter_config.json')
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...change }))
  return directory
}

test.each([
  [{ use_dora: true }, 'use_dora: DoRA is not supported'],
  [{ bias: 'all' }, 'bias: a trained bias is not supported'],
  [{ peft_type: 'IA3' }, 'peft_type: another kind of adapter than LORA'],
  [{ modules_to_save: ['visual_projection'] }, 'modules_to_save: a module that is trained whole'],
  [{ rank_pattern: { fc1: 2 } }, 'rank_pattern.fc1: a rank of its own'],
  [{ r: 8 }, /is \[4,16\], but r of adapter_config\.json is 8/],
  [{ r: 0 }, /r: /],
])('an adapter with %j is refused', (change, words) => {
  expect(() => readAdapter(changed(change))).toThrow(expect.objectContaining({ code: 'bundle/adapter' }))
  expect(() => readAdapter(changed(change))).toThrow(words)
})

test('a folder without an adapter, and tensors that are none, are refused', () => {
  expect(() => readAdapter(join(golden, 'clip'))).toThrow(/there is no adapter in .*adapter_config\.json/)
  const directory = changed({})
  const file = join(directory, 'adapter_model.safetensors')
  const { tensors } = readSafetensors(file)
  writeSafetensors(file, tensors.set('base_model.model.logit_scale', float32([], [1])))
  expect(() => readAdapter(directory)).toThrow(/no LoRA of linear maps: base_model\.model\.logit_scale/)
})

test('an adapter of another base is refused: other shapes, other names, other values', async () => {
  const adapter = readAdapter(join(golden, 'adapter'))
  const path = 'text_model.encoder.layers.0.self_attn.q_proj'
  const withWeight = (weight: Weights extends ReadonlyMap<string, infer Value> ? Value : never) =>
    new Map(base.weights).set(`${path}.weight`, weight)
  expect(() => requireAdapterFits(adapter, withWeight(float32([8, 8], new Float32Array(64))), 'it')).toThrow(
    `it changes "${path}.weight" [16,16], which is [8,8] there`,
  )
  const without = new Map(base.weights)
  without.delete(`${path}.weight`)
  expect(() => requireAdapterFits(adapter, without, 'it')).toThrow('which is not there')
  const known = { ...adapter, base: { [path]: '00' }, baseName: 'models/other' }
  await writeAdapter(join(folder, 'known'), known)
  const again = readAdapter(join(folder, 'known'))
  expect(again.base).toEqual(known.base)
  expect(() => requireAdapterFits(again, base.weights, 'it')).toThrow(
    `"${path}.weight" has other values there. It was trained on models/other`,
  )
})

test('room for adapters is refused to what does not fit into it', async () => {
  const directory = mkdtempSync(join(folder, 'slots-'))
  const targetModules = ['text_model.*.q_proj', 'text_model.*.v_proj']
  const room = (rank: number, model = base) => {
    writeSlots(directory, model.model, model.weights, { rank, targetModules })
    return AdapterSlots.read(directory)!
  }
  const { options, weights } = readAdapter(join(golden, 'adapter'))
  const ofTexts = new Map([...weights].filter(([name]) => name.startsWith('text_model.')))
  const adapter = { options, weights: ofTexts }
  expect(() => room(4).use(adapter, 'it')).not.toThrow()
  expect(() => room(3).use(adapter, 'it')).toThrow(/has rank 4, and there is room for 3 in .*--adapter-slots/)
  expect(() => room(4).use({ options, weights }, 'it')).toThrow(/changes vision_model\..*no room/)
  expect(() => room(4, tinyBundle('clip')).use(adapter, 'it')).toThrow(/\[16,16\], which is \[32,32\] there/)
  const path = 'text_model.encoder.layers.0.self_attn.q_proj'
  expect(() => room(4).use({ ...adapter, base: { [path]: '00' } }, 'it')).toThrow(/has other values there/)
})
