import { describe, expect, it } from 'vitest'
import { exportedOutputs, largestDifference } from '../../../test/support/exported-outputs.ts'
import { tinyBundle, tinyPolicy } from '../../../test/support/tiny-bundle.ts'
import { type Batch, ConfigError, float32, int64, random } from '../../core/index.ts'
import type { Bundle, Weights } from '../../deploy/index.ts'
import { prunedOf } from '../../models/index.ts'
import { namedParameters } from '../../nn/index.ts'
import type { Tools } from '../method.ts'
import { leastOfAll, leastOfEach } from './choose-units.ts'
import { structured } from './index.ts'
import { findLayers, withoutSomeLayers } from './prune-layers.ts'

const numbers = (shape: readonly number[], name: string) => {
  const stream = random(2, name)
  const count = shape.reduce((product, size) => product * size, 1)
  return float32(
    shape,
    Array.from({ length: count }, () => stream.normal()),
  )
}

function batch(number: number): Batch {
  const stream = random(6, number)
  return {
    ids: ['a', 'b'],
    arrays: {
      pixelValues: numbers([2, 3, 32, 32], `pixels ${number}`),
      inputIds: int64(
        [2, 16],
        Array.from({ length: 32 }, () => stream.integer(500)),
      ),
    },
  }
}

/** Tools of which gradients are ones. */
function toolsWith(notes: string[], gradient = 1): Tools {
  return {
    seed: 0,
    threads: 1,
    async *batches() {
      yield batch(0)
      yield batch(1)
    },
    gradients: async ({ bundle: { weights } }) =>
      new Map(
        [...weights].map(([name, { shape, data }]) => [
          name,
          float32(
            shape,
            data.map(() => gradient),
          ),
        ]),
      ),
    quality: async () => 0,
    note: (text) => void notes.push(text),
  }
}

async function prune(bundle: Bundle, options: object, gradient?: number) {
  const notes: string[] = []
  const parsed = structured.schema.parse({ kind: 'structured', ...options })
  const subject = await structured.apply(parsed, { bundle, passes: [] }, toolsWith(notes, gradient))
  return { bundle: subject.bundle, notes }
}

/** The weights with other numbers in some rows. */
function changed(weights: Weights, name: string, change: (value: number, row: number) => number): Weights {
  const { shape, data } = weights.get(name)!
  const width = data.length / shape[0]!
  return new Map(weights).set(
    name,
    float32(
      shape,
      data.map((value, i) => change(value, Math.floor(i / width))),
    ),
  )
}

const fc1 = 'vision_model.encoder.layers.1.mlp.fc1.weight'

describe('choice of units', () => {
  it('takes the least of each set, or of all, and never all of one', () => {
    const sets = [
      [3, 1, 2, 4],
      [0.1, 0.2],
      [9, 8],
    ].map((scores) => ({ scores, most: scores.length - 1 }))
    expect(leastOfEach(sets, 0.5)).toEqual([[1, 2], [0], [1]])
    expect(leastOfEach(sets, 0.95)).toEqual([[1, 2, 0], [0], [1]])
    expect(leastOfAll(sets, 0.5)).toEqual([[1, 2, 0], [0], []])
  })

  it('by magnitude goes for small weights', async () => {
    const clip = tinyBundle('clip')
    const weights = changed(clip.weights, fc1, (value, row) => (row % 4 === 0 ? 10 * value : value))
    const { bundle } = await prune({ ...clip, weights }, { ratio: 0.75 })
    const left = bundle.weights.get(fc1)!
    expect(left.shape).toEqual([12, 32])
    const rows = Array.from({ length: 12 }, (_, i) =>
      weights.get(fc1)!.data.slice(i * 4 * 32, i * 4 * 32 + 32),
    )
    expect([...left.data]).toEqual(rows.flatMap((row) => [...row]))
  })

  it('by activation keeps the units that are large on the samples', async () => {
    const clip = tinyBundle('clip')
    const bias = fc1.replace('weight', 'bias')
    const weights = changed(clip.weights, bias, (value, row) => (row < 12 ? 5 : value))
    const { bundle } = await prune({ ...clip, weights }, { ratio: 0.75, importance: 'activation' })
    expect([...bundle.weights.get(bias)!.data]).toEqual(new Array(12).fill(5))
  })

  it('by Taylor keeps the units whose weights times gradients are large, and refuses gradients of zero', async () => {
    const clip = tinyBundle('clip')
    const weights = changed(clip.weights, fc1, (value, row) => (row >= 36 ? 9 * value : value))
    const { bundle } = await prune({ ...clip, weights }, { ratio: 0.75, importance: 'taylor' })
    expect([...bundle.weights.get(fc1)!.data]).toEqual([...weights.get(fc1)!.data.slice(36 * 32)])
    const refused = prune(clip, { importance: 'taylor' }, 0)
    await expect(refused).rejects.toMatchObject({ code: 'compression/no-importance' })
  })

  it('over the whole model takes more where there is less', async () => {
    const clip = tinyBundle('clip')
    const { bundle, notes } = await prune(clip, { ratio: 0.3, uniform: false })
    const sizes = [...bundle.weights].flatMap(([name, { shape }]) =>
      name.endsWith('fc1.weight') ? shape[0]! : [],
    )
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(4 * 48 - Math.round(0.3 * 4 * 48))
    expect(new Set(sizes).size).toBeGreaterThan(1)
    expect(notes.join('\n')).toContain("Hugging Face's libraries cannot read")
  })
})

describe('structured pruning', () => {
  it('leaves a plain bundle where every layer loses as many hidden units', async () => {
    const { bundle, notes } = await prune(tinyBundle('clip'), { ratio: 0.25 })
    expect(prunedOf(bundle.model)).toBeUndefined()
    expect(bundle.model.config).toMatchObject({
      vision_config: { intermediate_size: 36 },
      text_config: { intermediate_size: 36 },
    })
    expect(notes).toEqual([
      'structured: 48 of 192 hidden units removed, at 4 places, by magnitude',
      expect.stringMatching(/^structured: \d+ of \d+ numbers are left$/),
    ])
  })

  it('of a policy says also the sizes of its shared layer and its heads in the config', async () => {
    const { bundle } = await prune(tinyPolicy(), { ratio: 0.5 })
    expect(bundle.model.config).toMatchObject({ shared_size: 12, heads: { detection: { hidden: [8] } } })
    expect(Object.keys(prunedOf(bundle.model)!)).toContain('fusion.image_projection.weight')
  })

  it('is repeated on what is left', async () => {
    const once = await prune(tinyBundle('clip'), {
      ratio: 0.5,
      of: ['heads', 'hidden'],
      layers: '*.layers.0.*',
    })
    const twice = await prune(once.bundle, {
      ratio: 0.5,
      of: ['heads', 'hidden'],
      layers: 'vision_model.*.layers.0.*',
    })
    const shapes = ['vision_model', 'text_model'].map((tower) =>
      ['mlp.fc1', 'self_attn.q_proj'].map(
        (part) => twice.bundle.weights.get(`${tower}.encoder.layers.0.${part}.weight`)!.shape[0],
      ),
    )
    expect(shapes).toEqual([
      [12, 8],
      [24, 16],
    ])
    await exportedOutputs(twice.bundle)
  })

  it.each([
    ['a ratio of 0', { ratio: 0 }],
    ['a ratio of 1', { ratio: 1 }],
    ['an unknown kind', { of: ['width'] }],
    ['an unknown option', { rate: 0.3 }],
  ])('refuses %s', (_, options) => {
    expect(structured.schema.safeParse({ kind: 'structured', ...options }).success).toBe(false)
  })

  it.each<[string, object, string]>([
    ['a pattern that matches nothing', { layers: 'vision.*' }, 'optim/pattern'],
    ['a ratio below one unit', { of: ['heads'], ratio: 0.1 }, 'compression/nothing-to-remove'],
  ])('refuses %s', async (_, options, code) => {
    const refused = prune(tinyBundle('clip'), options)
    await expect(refused).rejects.toThrow(ConfigError)
    await expect(refused).rejects.toMatchObject({ code })
  })
})

it('refuses a ratio below one unit by name, with the least that removes one', async () => {
  const clip = tinyBundle('clip')
  const refused = prune(clip, { of: ['heads', 'layers'], ratio: 0.1 })
  await expect(refused).rejects.toThrow(
    'a ratio of 0.1 is less than half a unit of 4 heads, 2 layers at one place: nothing would be removed. Take 0.125 or more',
  )
  const { notes } = await prune(clip, { of: ['heads'], ratio: 0.125 })
  expect(notes[0]).toContain('4 of 16 attention heads removed')
  const all = prune(clip, { of: ['heads'], ratio: 0.03, uniform: false })
  await expect(all).rejects.toMatchObject({ facts: { ratio: 0.03, least: 0.032 } })
})

it('counts a kind of which a ratio removes none beside others', async () => {
  const { notes } = await prune(tinyBundle('clip'), { of: ['heads', 'hidden', 'layers'], ratio: 0.1 })
  expect(notes.join('\n')).toMatch(/0 of 4 layers removed.*\n.*0 of 16 attention heads removed/)
})

describe('layers', () => {
  it.each([
    ['clip', ['text_model.encoder.layers', 'vision_model.encoder.layers']],
    ['siglip', ['text_model.encoder.layers', 'vision_model.encoder.layers']],
    ['vision-text', ['text_model.encoder.layer', 'vision_model.encoder.layers']],
    ['policy', ['fusion.layers', 'text_model.encoder.layers', 'vision_model.encoder.layers']],
  ] as const)('of %s are found on its residual streams, and the others move up', (type, paths) => {
    const bundle = type === 'policy' ? tinyPolicy() : tinyBundle(type)
    const { stacks } = findLayers(bundle)
    expect(stacks.map(({ path }) => path).sort()).toEqual(paths)
    const shorter = withoutSomeLayers(
      bundle,
      stacks,
      stacks.map(() => [0]),
    )
    for (const path of paths) {
      const names = [...namedParameters(shorter.model).keys()].filter((name) => name.startsWith(`${path}.`))
      expect(names.length).toBeGreaterThan(0)
      for (const name of names) {
        expect(name).toContain(`${path}.0.`)
        const before = bundle.weights.get(name.replace(`${path}.0.`, `${path}.1.`))
        expect(shorter.weights.get(name)).toBe(before)
      }
    }
  })

  it('one that adds nothing is removed without a change, the first as the last', async () => {
    const clip = tinyBundle('clip')
    const { stacks } = findLayers(clip)
    for (const index of [0, 1]) {
      const silent = [...clip.weights].map(([name, { shape, data }]) => {
        const ends = name.includes(`.layers.${index}.`) && /(out_proj|fc2)\./.test(name)
        return [name, float32(shape, ends ? data.map(() => 0) : data)] as const
      })
      const bundle = { ...clip, weights: new Map(silent) }
      const shorter = withoutSomeLayers(
        bundle,
        stacks,
        stacks.map(() => [index]),
      )
      expect(largestDifference(await exportedOutputs(bundle), await exportedOutputs(shorter))).toBeLessThan(
        1e-5,
      )
    }
  })

  it('by activation goes the one that changes its tokens least, with hidden units after it', async () => {
    const clip = tinyBundle('clip')
    const weights = [...clip.weights].map(([name, { shape, data }]) => {
      const ends = name.includes('.layers.0.') && /(out_proj|fc2)\./.test(name)
      return [name, float32(shape, ends ? data.map((value) => value / 100) : data)] as const
    })
    const { bundle, notes } = await prune(
      { ...clip, weights: new Map(weights) },
      { of: ['layers', 'hidden'], ratio: 0.5, importance: 'activation' },
    )
    expect(notes).toContain('structured: 1 of 2 layers of vision_model.encoder.layers removed: 0')
    expect(bundle.model.config).toMatchObject({
      vision_config: { num_hidden_layers: 1, intermediate_size: 24 },
      text_config: { num_hidden_layers: 1, intermediate_size: 24 },
    })
    expect(prunedOf(bundle.model)).toBeUndefined()
  })
})
