import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../test/support/evaluate.ts'
import {
  float32,
  type HostArray,
  hostArray,
  int64,
  type Random,
  random,
  type Shape,
  sizeOf,
} from '../../core/index.ts'
import { gradients, input, type Tensor } from '../../graph/index.ts'
import { type Module, namedParameters } from '../../nn/index.ts'
import { ClassTokenTower } from './class-token-tower.ts'
import { clipTextConfig, clipVisionConfig } from './config.ts'
import { TextEmbeddings } from './text-embeddings.ts'
import { TextTower } from './text-tower.ts'
import { VisionEmbeddings } from './vision-embeddings.ts'

const sizes = { hidden_size: 4, intermediate_size: 8, num_hidden_layers: 1, num_attention_heads: 2 }
const vision = clipVisionConfig.parse({ ...sizes, image_size: 4, patch_size: 2, num_channels: 1 })
const text = clipTextConfig.parse({ ...sizes, vocab_size: 6, max_position_embeddings: 3 })

const drawn = (shape: Shape, stream: Random) =>
  float32(
    shape,
    Array.from({ length: sizeOf(shape) }, () => stream.normal()),
  )

const weightsOf = (module: Module) =>
  Object.fromEntries(
    Array.from(namedParameters(module), ([name, { shape }]) => [name, drawn(shape, random(5, name))]),
  )

const bool = (shape: Shape, values: number[]) => hostArray('bool', shape, Uint8Array.from(values))
const row = ({ data }: HostArray, index: number, width = 4) =>
  Array.from(data as Float32Array).slice(index * width, (index + 1) * width)
const add = (a: readonly number[], b: readonly number[]) => a.map((x, i) => x + b[i]!)
const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 5))
const embedding = input('embedding', [4])

describe('a mask embedding before the encoder', () => {
  it('stands in the place of the words that are masked, which keep their positions', async () => {
    const module = new TextEmbeddings(text)
    const weights = weightsOf(module)
    const mask = input('mask', [1, 3], 'bool')
    const y = module.forward(input('ids', [1, 3], 'int64'), { mask, embedding })
    const given = drawn([4], random(1, 'embedding'))
    const feeds = {
      ids: int64([1, 3], [5, 2, 0]),
      mask: bool([1, 3], [0, 1, 0]),
      embedding: given,
      ...weights,
    }
    const { y: found } = await evaluate({ y }, feeds)
    const [words, positions] = [weights['token_embedding.weight']!, weights['position_embedding.weight']!]
    const expected = [
      add(row(words, 5), row(positions, 0)),
      add(row(given, 0), row(positions, 1)),
      add(row(words, 0), row(positions, 2)),
    ]
    expect(found).toEqual(close(expected.flat()))
  })

  it('stands in the place of the patches that are masked, behind the class token', async () => {
    const initial = { patches: 1, positions: 1 }
    const module = new VisionEmbeddings(vision, { classToken: true, bias: false, initial })
    const weights = weightsOf(module)
    const mask = input('mask', [1, 4], 'bool')
    const y = module.forward(input('pixels', [1, 1, 4, 4]), { mask, embedding })
    const pixels = drawn([1, 1, 4, 4], random(2, 'pixels'))
    const given = drawn([4], random(1, 'embedding'))
    const { y: found } = await evaluate(
      { y },
      { pixels, mask: bool([1, 4], [1, 0, 0, 1]), embedding: given, ...weights },
    )
    const kernel = weights['patch_embedding.weight']!
    const positions = weights['position_embedding.weight']!
    const patch = (top: number, left: number) => {
      const seen = [0, 1, 4, 5].map((at) => pixels.data[4 * top + left + at]!)
      return [0, 1, 2, 3].map((i) => row(kernel, i).reduce((sum, weight, k) => sum + weight * seen[k]!, 0))
    }
    const tokens = [row(weights.class_embedding!, 0), row(given, 0), patch(0, 2), patch(2, 0), row(given, 0)]
    expect(found).toEqual(close(tokens.flatMap((token, i) => add(token, row(positions, i)))))
  })

  it.each<[string, (masked: Tensor) => { module: Module; y: Tensor; feeds: Record<string, HostArray> }]>([
    [
      'patches',
      (mask) => {
        const module = new ClassTokenTower(vision)
        namedParameters(module)
        const y = module.patches(input('x', [2, 1, 4, 4]), { mask, embedding })
        return {
          module,
          y,
          feeds: { x: drawn([2, 1, 4, 4], random(3, 'x')), mask: bool([2, 4], [1, 0, 0, 1, 0, 0, 1, 0]) },
        }
      },
    ],
    [
      'words',
      (mask) => {
        const module = new TextTower(text, { causal: false })
        namedParameters(module)
        const y = module.tokens(input('x', [2, 3], 'int64'), { masked: { mask, embedding } })
        return {
          module,
          y,
          feeds: { x: int64([2, 3], [1, 2, 3, 5, 4, 0]), mask: bool([2, 3], [0, 1, 0, 1, 0, 1]) },
        }
      },
    ],
  ])('of %s learns by the gradient that central differences give', async (name, build) => {
    const mask = input('mask', name === 'patches' ? [2, 4] : [2, 3], 'bool')
    const { module, y, feeds } = build(mask)
    const upstream = drawn(y.shape, random(4, 'upstream'))
    const value = y.mul(input('upstream', y.shape)).sum()
    const [gradient] = gradients(value, [embedding])
    const given = drawn([4], random(1, 'embedding')).data
    const at = async (moved: Float32Array) =>
      evaluate(
        { value, gradient: gradient! },
        { ...feeds, ...weightsOf(module), upstream, embedding: float32([4], moved) },
      )
    const { gradient: found } = await at(given)
    const step = 1 / 64
    for (const [i, slope] of found!.entries()) {
      const along = async (distance: number) =>
        (await at(given.map((x, k) => (k === i ? x + distance : x)))).value![0]!
      const [near, far] = [
        (await along(step)) - (await along(-step)),
        (await along(2 * step)) - (await along(-2 * step)),
      ]
      expect((8 * near - far) / (12 * step)).toBeCloseTo(slope, 2)
    }
  })
})
