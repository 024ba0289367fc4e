import { describe, expect, it } from 'vitest'
import { tinyBundle, tinyPolicy } from '../../test/support/tiny-bundle.ts'
import { ConfigError } from '../core/index.ts'
import { namedParameters } from '../nn/index.ts'
import { buildModel, type Pruned, prunedOf, withTowersOf } from './index.ts'

const { config } = tinyBundle('clip').model
const fc1 = 'vision_model.encoder.layers.0.mlp.fc1.weight'

describe('what a config says was removed', () => {
  it('is not stored, but read at its old size', () => {
    const model = buildModel({
      ...config,
      pruned: {
        [fc1]: {
          0: [
            [0, 2],
            [5, 6],
          ],
        },
      },
    })
    const parameter = namedParameters(model).get(fc1)!
    expect(parameter.shape).toEqual([3, 32])
    expect(parameter.leaf.shape).toEqual([3, 32])
    expect(parameter.tensor.shape).toEqual([48, 32])
    expect(prunedOf(model)).toEqual({
      [fc1]: {
        0: [
          [0, 2],
          [5, 6],
        ],
      },
    })
    expect(prunedOf(buildModel(config))).toBeUndefined()
  })

  it.each<[string, Pruned]>([
    ['there is no such parameter', { 'vision_model.fc9': { 0: [[0, 1]] } }],
    ['axis 2 of [48,32] has no such positions', { [fc1]: { 2: [[0, 1]] } }],
    ['axis 0 of [48,32] has no such positions', { [fc1]: { 0: [[40, 49]] } }],
    [
      'has no such positions in this order',
      {
        [fc1]: {
          0: [
            [5, 6],
            [0, 2],
          ],
        },
      },
    ],
  ])('is refused: %s', (message, pruned) => {
    expect(() => buildModel({ ...config, pruned })).toThrow(ConfigError)
    expect(() => buildModel({ ...config, pruned })).toThrow(message)
  })

  it('is taken over from a base, as far as the model has the same parts', () => {
    const pruned: Pruned = { [fc1]: { 0: [[0, 8]] }, 'visual_projection.weight': { 0: [[0, 9]] } }
    expect(withTowersOf(config, { ...config, pruned }).pruned).toEqual(pruned)
    expect(withTowersOf({ ...config, pruned }, config).pruned).toBeUndefined()
    const policy = withTowersOf(tinyPolicy().model.config, { ...config, pruned })
    expect(policy.pruned).toEqual({ [fc1]: { 0: [[0, 8]] } })
  })
})
