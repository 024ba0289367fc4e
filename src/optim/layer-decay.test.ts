import { expect, test } from 'vitest'
import { layerDecayRules } from './layer-decay.ts'
import { type ParameterRule, parameterGroups } from './parameter-groups.ts'

const layers = (tower: string, depth: number, layer = 'encoder.layers') =>
  Array.from({ length: depth }, (_, i) => [
    `${tower}.${layer}.${i}.mlp.fc1.weight`,
    `${tower}.${layer}.${i}.norm1.bias`,
  ]).flat()

const names = [
  'logit_scale',
  'text_model.embeddings.token_embedding.weight',
  ...layers('text_model', 2),
  'text_model.final_layer_norm.weight',
  'vision_model.embeddings.patch_embedding.weight',
  'vision_model.pre_layrnorm.weight',
  ...layers('vision_model', 12),
  'vision_model.post_layernorm.weight',
  'visual_projection.weight',
  ...layers('fusion', 2, 'layers'),
  'heads.box.layers.0.weight',
]
const parameters = names.map((name) => ({ name, shape: name.endsWith('weight') ? [4, 4] : [4] }))

/** The rate of each parameter under rules, from its group. */
const ratesUnder = (rules: readonly ParameterRule[]) =>
  Object.fromEntries(
    parameterGroups(parameters, rules).flatMap(({ names, learningRate }) =>
      names.map((name) => [name, learningRate] as const),
    ),
  )

/**
 * BEiT's `LayerDecayValueAssigner` with `get_num_layer_for_vit`: values decay^(depth + 1 − i) for i = 0 … depth + 1, of
 * which embeddings take number 0, block i number i + 1, and everything else the last.
 */
function factorOfBeit(name: string, depth: number, decay: number): number {
  const values = Array.from({ length: depth + 2 }, (_, i) => decay ** (depth + 1 - i))
  if (/embeddings|pre_layrnorm/.test(name)) return values[0]!
  const block = /encoder\.layers\.(\d+)\./.exec(name)
  return values[block ? Number(block[1]) + 1 : depth + 1]!
}

const depths = { vision_model: 12, text_model: 2 }
const expected = (name: string, decay: number) => {
  const tower = Object.entries(depths).find(([tower]) => name.startsWith(`${tower}.`))
  return tower ? factorOfBeit(name, tower[1], decay) : 1
}

test('has the rates of BEiT, for each tower of its own depth', () => {
  const rates = ratesUnder(layerDecayRules(parameters, 0.75))
  for (const name of names) expect(rates[name], name).toBeCloseTo(expected(name, 0.75), 12)
  // The list as `timm.optim.param_groups_layer_decay` gives it for a ViT of 12 layers at 0.75.
  expect(rates['vision_model.embeddings.patch_embedding.weight']).toBeCloseTo(0.023757264018058777, 12)
  expect(rates['vision_model.encoder.layers.0.mlp.fc1.weight']).toBeCloseTo(0.03167635202407837, 12)
  expect(rates['vision_model.encoder.layers.11.norm1.bias']).toBeCloseTo(0.75, 12)
  expect(rates['vision_model.post_layernorm.weight']).toBe(1)
})

test('multiplies the rates of other rules, and leaves what they freeze frozen', () => {
  const rules = [
    { pattern: 'vision_model.*', learningRate: 0.1, weightDecay: 0 },
    { pattern: 'text_model.*', freeze: true },
  ]
  const all = layerDecayRules(parameters, 0.5, rules)
  const rates = ratesUnder(all)
  for (const name of names.filter((name) => !name.startsWith('text_model')))
    expect(rates[name], name).toBeCloseTo(
      expected(name, 0.5) * (name.startsWith('vision_model') ? 0.1 : 1),
      12,
    )
  const frozen = parameterGroups(parameters, all).filter(({ frozenEpochs }) => frozenEpochs > 0)
  expect(frozen.flatMap(({ names }) => names)).toEqual(names.filter((name) => name.startsWith('text_model')))
})

test('of 1 changes nothing, and knows the layers of BERT', () => {
  expect(ratesUnder(layerDecayRules(parameters, 1))).toEqual(ratesUnder([]))
  const bert = [
    'embeddings.word_embeddings.weight',
    ...layers('', 3, 'encoder.layer').map((name) => name.slice(1)),
  ]
  const named = bert.map((name) => ({ name: `text_model.${name}`, shape: [2, 2] }))
  const rules = layerDecayRules(named, 0.5)
  expect(rules.find(({ pattern }) => pattern.includes('word'))!.learningRate).toBe(0.5 ** 4)
  expect(rules.find(({ pattern }) => pattern.includes('layer.2.mlp'))!.learningRate).toBe(0.5)
})

test('is refused for a model without layers', () => {
  const flat = [
    { name: 'mean.weight', shape: [3] },
    { name: 'heads.box.layers.0.weight', shape: [3, 4] },
  ]
  expect(() => layerDecayRules(flat, 0.75)).toThrow(expect.objectContaining({ code: 'optim/no-layers' }))
})
