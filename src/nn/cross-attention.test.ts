import { describe, expect, it } from 'vitest'
import { evaluate } from '../../test/support/evaluate.ts'
import { goldenAttention } from '../../test/support/golden.ts'
import { type HostArray, ShapeError } from '../core/index.ts'
import { gradientsOf, input, paddingMask } from '../graph/index.ts'
import { CrossAttentionLayer } from './cross-attention.ts'
import { namedParameters } from './module.ts'

const options = { width: 12, hidden: 20, heads: 3, depth: 1, activation: 'gelu', epsilon: 1e-5 } as const

/** Parts of a golden case by name: its arrays as leaves, and the layer with its parameters. */
function layerOf(arrays: ReadonlyMap<string, HostArray>) {
  const layer = new CrossAttentionLayer(options)
  const parameters = [...namedParameters(layer)]
  const leaf = (name: string) => input(name, arrays.get(name)!.shape)
  const leaves = new Map([
    ['tokens', leaf('tokens')],
    ['context', leaf('context')],
    ...parameters.map(([path, { tensor }]) => [`parameter/${path}`, tensor] as const),
  ])
  const feeds = {
    ...Object.fromEntries(
      ['tokens', 'context', 'words', 'upstream'].map((name) => [name, arrays.get(name)!]),
    ),
    ...Object.fromEntries(parameters.map(([path]) => [path, arrays.get(`parameter/${path}`)!])),
  }
  return { layer, leaves, feeds, mask: paddingMask(leaf('words')), upstream: leaf('upstream') }
}

function expectClose(name: string, actual: readonly number[], { data }: HostArray, scale: number): void {
  const reference = data as Float32Array
  expect(actual, name).toHaveLength(reference.length)
  const worst = actual.reduce((most, value, i) => Math.max(most, Math.abs(value - reference[i]!)), 0)
  expect(worst / scale, name).toBeLessThan(1e-5)
}

const largest = ({ data }: HostArray) =>
  (data as Float32Array).reduce((most, x) => Math.max(most, Math.abs(x)), 0)

describe('a layer of cross-attention gives the values and gradients of torch.nn.TransformerDecoderLayer', () => {
  it.each([
    { name: 'a-context-each' },
    { name: 'padding' },
    { name: 'shared-contexts' },
    { name: 'one-chosen', chosen: 1 },
  ])('$name', async ({ name, chosen }) => {
    const arrays = goldenAttention(name)
    const { layer, leaves, feeds, mask, upstream } = layerOf(arrays)
    const stored = [...arrays.keys()].filter((key) => key.startsWith('parameter/')).sort()
    expect([...leaves.keys()].filter((key) => key.startsWith('parameter/')).sort()).toEqual(stored)
    const output = layer.forward(leaves.get('tokens')!, leaves.get('context')!, {
      choose: (tokens) => (chosen === undefined ? tokens : tokens.slice(1, chosen, chosen + 1)),
      mask,
    })
    const found = gradientsOf([{ y: output, dy: upstream }], [...leaves.values()])
    const gradients = Object.fromEntries([...leaves.keys()].map((key, i) => [`gradient/${key}`, found[i]!]))
    const results = await evaluate({ output, ...gradients }, feeds)
    expectClose('output', results.output!, arrays.get('output')!, largest(arrays.get('output')!))
    // That of a key's bias is zero but for rounding: compared on the scale of all.
    const scale = Math.max(...Object.keys(gradients).map((key) => largest(arrays.get(key)!)))
    for (const key of Object.keys(gradients)) expectClose(key, results[key]!, arrays.get(key)!, scale)
  })

  it('takes as many sequences as its contexts have alike', () => {
    const layer = new CrossAttentionLayer(options)
    namedParameters(layer)
    const forward = () =>
      layer.forward(input('t', [3, 5, 12]), input('c', [2, 7, 12]), { choose: (tokens) => tokens })
    expect(forward).toThrow(ShapeError)
  })
})
