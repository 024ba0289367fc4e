import { describe, expect, test } from 'vitest'
import { parameterGroups } from './parameter-groups.ts'

const parameters = [
  { name: 'logit_scale', shape: [] },
  { name: 'vision_model.embeddings.class_embedding', shape: [8] },
  { name: 'vision_model.embeddings.patch_embedding.weight', shape: [8, 3, 4, 4] },
  { name: 'vision_model.pre_layrnorm.weight', shape: [8] },
  { name: 'text_model.embeddings.token_embedding.weight', shape: [20, 8] },
  { name: 'text_model.fc1.weight', shape: [8, 8] },
  { name: 'text_model.fc1.bias', shape: [8] },
]
const [scale, classes, patches, norm, tokens, fc, bias] = parameters.map(({ name }) => name)
const plain = { learningRate: 1, weightDecay: undefined, frozenEpochs: 0, matrices: false }

test('without rules, decays matrices, kernels and embedding tables only', () => {
  expect(parameterGroups(parameters)).toEqual([
    { ...plain, names: [scale, classes, norm, bias], weightDecay: 0 },
    { ...plain, names: [patches, tokens, fc] },
  ])
})

test.each([
  ['relative_position_bias_table', [49, 4]],
  ['norm.weight', [2, 4]],
  ['logit_scale', [1, 1]],
])('without rules, does not decay %s even with two axes', (name, shape) => {
  expect(parameterGroups([{ name, shape }])).toEqual([{ ...plain, names: [name], weightDecay: 0 }])
})

describe('rules', () => {
  test('change what they name and leave the rest as it was', () => {
    expect(parameterGroups(parameters, [{ pattern: 'text_model.*', learningRate: 0.1 }])).toEqual([
      { ...plain, names: [scale, classes, norm], weightDecay: 0 },
      { ...plain, names: [patches] },
      { ...plain, names: [tokens, fc], learningRate: 0.1 },
      { ...plain, names: [bias], learningRate: 0.1, weightDecay: 0 },
    ])
  })

  test('that come later win', () => {
    const rules = [
      { pattern: '*', freeze: true, weightDecay: 0.5 },
      { pattern: 'text_model.*', freeze: false },
      { pattern: '*.bias', weightDecay: 0.25 },
    ]
    expect(parameterGroups(parameters, rules).slice(1)).toEqual([
      { ...plain, names: [tokens, fc], weightDecay: 0.5 },
      { ...plain, names: [bias], weightDecay: 0.25 },
    ])
  })

  test('put frozen parameters into one group, frozen until a rule says otherwise', () => {
    const rules = [
      { pattern: 'vision_model.*', freeze: true },
      { pattern: '*', learningRate: 0.5 },
    ]
    expect(parameterGroups(parameters, rules)).toMatchObject([
      { names: [scale, bias], frozenEpochs: 0 },
      { names: [classes, patches, norm], frozenEpochs: Number.POSITIVE_INFINITY },
      { names: [tokens, fc], frozenEpochs: 0 },
    ])
  })

  test('freeze for some epochs: a group for each number of them', () => {
    const rules = [
      { pattern: 'vision_model.*', freeze: { epochs: 2 } },
      { pattern: '*.pre_layrnorm.*', freeze: { epochs: 0.5 } },
      { pattern: 'text_model.*', freeze: true },
      { pattern: '*.bias', freeze: false },
    ]
    expect(parameterGroups(parameters, rules)).toEqual([
      { ...plain, names: [scale, bias], weightDecay: 0 },
      { ...plain, names: [classes], weightDecay: 0, frozenEpochs: 2 },
      { ...plain, names: [patches], frozenEpochs: 2 },
      { ...plain, names: [norm], weightDecay: 0, frozenEpochs: 0.5 },
      { ...plain, names: [tokens, fc], frozenEpochs: Number.POSITIVE_INFINITY },
    ])
  })

  test.each([true, { epochs: 3 }])('that freeze everything are refused: %j', (freeze) => {
    expect(() => parameterGroups(parameters, [{ pattern: '*', freeze }])).toThrow(
      expect.objectContaining({ code: 'optim/all-frozen' }),
    )
  })

  test('tell a decay of 0 from none given', () => {
    const groups = parameterGroups(parameters, [{ pattern: patches!, weightDecay: 0 }])
    expect(groups[0]!.names).toEqual([scale, classes, patches, norm, bias])
  })

  test.each([
    [{ pattern: 'nothing.*' }, 'optim/pattern'],
    [{ pattern: '*', learningRate: -1 }, 'optim/option-range'],
    [{ pattern: '*', frozen: true }, 'optim/unknown-option'],
    [{ pattern: '*', freeze: { epochs: -1 } }, 'optim/option-range'],
  ])('are refused when they make no sense: %j', (rule, code) => {
    expect(() => parameterGroups(parameters, [rule])).toThrow(expect.objectContaining({ code }))
  })
})

test('every parameter is in one group', () => {
  const rules = [
    { pattern: '*.weight', learningRate: 2 },
    { pattern: 'vision_model.*', freeze: true },
  ]
  const names = parameterGroups(parameters, rules).flatMap((group) => group.names)
  expect(names.toSorted()).toEqual(parameters.map(({ name }) => name).toSorted())
})
