import { describe, expect, it } from 'vitest'
import { bagOfWords } from '../../examples/extending/bag-of-words.ts'
import type { Unit } from '../../src/compression/structured/prunable-units.ts'
import { findUnits, withoutSome } from '../../src/compression/structured/prune-units.ts'
import { float32, random } from '../../src/core/index.ts'
import type { Bundle, Weights } from '../../src/deploy/index.ts'
import { buildModel, families as builtIn, type Families, prunedOf } from '../../src/models/index.ts'
import { namedParameters } from '../../src/nn/index.ts'
import { meanColor } from '../families/mean-color.ts'
import { exportedOutputs, largestDifference } from '../support/exported-outputs.ts'
import { endId, smallVlm, startId } from '../support/small-vlm.ts'
import { tinyBundle, tinyPolicy } from '../support/tiny-bundle.ts'

const families: Families = { ...builtIn, bag_of_words: bagOfWords, mean_color: meanColor }

/** A bundle of a model with random weights, biases and norms too. */
function randomBundle(bundle: Bundle): Bundle {
  const weights = [...namedParameters(bundle.model)].map(([name, { shape }]) => {
    const stream = random(11, name)
    const count = shape.reduce((product, size) => product * size, 1)
    return [
      name,
      float32(
        shape,
        Array.from({ length: count }, () => stream.normal(0, 0.3)),
      ),
    ] as const
  })
  return { ...bundle, weights: new Map(weights) }
}

const tower = { hidden_size: 32, intermediate_size: 48, num_hidden_layers: 2, num_attention_heads: 4 }

function ownBundle(): Bundle {
  const { tokenizer, image } = tinyBundle()
  const config = bagOfWords.schema.parse({
    model_type: 'bag_of_words',
    vision_config: { ...tower, image_size: 32, patch_size: 8 },
    text_config: { max_position_embeddings: 16, vocab_size: tokenizer.vocabularySize },
    projection_dim: 16,
  })
  return { model: buildModel(config, { families }), tokenizer, image, weights: new Map() }
}

function meanColorBundle(): Bundle {
  const { tokenizer, image } = tinyBundle()
  const config = meanColor.schema.parse({ model_type: 'mean_color', side: 8, words: 600, longest: 16 })
  return { model: buildModel(config, { families }), tokenizer, image, weights: new Map() }
}

const vlmBundle = (masked: Parameters<typeof smallVlm>[0]): Bundle => ({
  ...tinyBundle(),
  tokenizer: { vocabularySize: 22, startId, endId, padId: endId } as unknown as Bundle['tokenizer'],
  model: smallVlm(masked),
})

/** Weights with zeros in place of some units. */
function zeroed(weights: Weights, units: readonly Unit[]): Weights {
  const copies = new Map([...weights].map(([name, { shape, data }]) => [name, float32(shape, data.slice())]))
  for (const { parameter, axis, positions } of units.flat()) {
    const { shape, data } = copies.get(parameter)!
    const inner = shape.slice(axis + 1).reduce((product, size) => product * size, 1)
    const gone = new Set(positions)
    data.forEach((_, i) => {
      if (gone.has(Math.floor(i / inner) % shape[axis]!)) data[i] = 0
    })
  }
  return copies
}

const mlps = (stack: string, count: number) => Array.from({ length: count }, (_, i) => `${stack}.${i}.mlp`)

describe('units found in the graph of a model', () => {
  it.each<[string, () => Bundle, { heads: number; hidden: number }]>([
    ['clip', () => tinyBundle('clip'), { heads: 4, hidden: 4 }],
    ['siglip', () => tinyBundle('siglip'), { heads: 5, hidden: 5 }],
    // Its pooler is a layer, too.
    ['vision-text-dual-encoder', () => tinyBundle('vision-text'), { heads: 4, hidden: 5 }],
    // Beside its MLPs: the projection of the image, the read-out, the shared layer and two heads.
    ['visuomotor_policy', () => tinyPolicy(), { heads: 8, hidden: 11 }],
    ['visuomotor_vlm', () => vlmBundle({}), { heads: 5, hidden: 5 }],
    ['visuomotor_vlm that drops patches', () => vlmBundle({ patches: 'dropped' }), { heads: 5, hidden: 5 }],
    ['an own family on built-in layers', ownBundle, { heads: 2, hidden: 2 }],
    ['an own family without sizes in its config', meanColorBundle, { heads: 2, hidden: 2 }],
  ])('%s: removed, nothing changes that zeros in their place would not', async (_, bundleOf, counts) => {
    const bundle = randomBundle(bundleOf())
    const { sets } = findUnits(bundle, families)
    const of = (kind: string) => sets.filter((set) => set.kind === kind)
    expect(
      { heads: of('heads').length, hidden: of('hidden').length },
      sets.map((s) => `${s.kind} ${s.path}`).join(),
    ).toEqual(counts)
    const stream = random(3, 'units')
    const removed = sets.map(({ units }) => {
      const indices = Array.from(units.keys()).filter(() => stream.uniform() < 0.4)
      return indices.length < units.length ? indices : indices.slice(1)
    })
    const gone = sets.flatMap(({ units }, set) => removed[set]!.map((index) => units[index]!))
    expect(gone.length).toBeGreaterThan(sets.length)
    const smaller = withoutSome(bundle, sets, removed, families)
    const [full, small] = [
      await exportedOutputs({ ...bundle, weights: zeroed(bundle.weights, gone) }, families),
      await exportedOutputs(smaller, families),
    ]
    expect(largestDifference(full, small)).toBeLessThan(1e-5)
    expect(largestDifference(full, await exportedOutputs(bundle, families))).toBeGreaterThan(1e-3)
  })
})

it('the hidden units of CLIP are those of its MLPs, each a row, a bias and a column', () => {
  const { sets } = findUnits(tinyBundle('clip'))
  const hidden = sets.filter(({ kind }) => kind === 'hidden')
  expect(hidden.map(({ path }) => path).sort()).toEqual([
    ...mlps('text_model.encoder.layers', 2),
    ...mlps('vision_model.encoder.layers', 2),
  ])
  const { path, units } = hidden[0]!
  expect(units).toHaveLength(48)
  expect(units[5]).toEqual(
    expect.arrayContaining([
      { parameter: `${path}.fc1.weight`, axis: 0, positions: [5] },
      { parameter: `${path}.fc1.bias`, axis: 0, positions: [5] },
      { parameter: `${path}.fc2.weight`, axis: 1, positions: [5] },
    ]),
  )
  expect(units[5]).toHaveLength(3)
})

it('as many hidden units less in every layer are said by the config; other numbers stand under pruned', () => {
  const bundle = tinyBundle('clip')
  const { sets } = findUnits(bundle)
  const removed = sets.map(({ kind, path }) => {
    if (kind !== 'hidden') return []
    return path.startsWith('vision_model') ? [1, 3, 47] : [0, 7]
  })
  const { model } = withoutSome(bundle, sets, removed)
  expect(model.config).toMatchObject({
    vision_config: { intermediate_size: 45 },
    text_config: { intermediate_size: 46 },
  })
  expect(prunedOf(model)).toBeUndefined()
  const uneven = sets.map(({ kind, path }) => (kind === 'hidden' && path.endsWith('0.mlp') ? [4, 40] : []))
  const other = withoutSome(bundle, sets, uneven).model
  expect(other.config).toMatchObject(bundle.model.config)
  expect(prunedOf(other)).toMatchObject({
    'vision_model.encoder.layers.0.mlp.fc1.weight': { 0: [[0, 46]] },
    'text_model.encoder.layers.0.mlp.fc2.weight': { 1: [[0, 46]] },
  })
})
