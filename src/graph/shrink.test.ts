import { expect, it } from 'vitest'
import { evaluate } from '../../test/support/evaluate.ts'
import { float32, int64, random } from '../core/index.ts'
import { restore, restoredFrom } from './functions/restore.ts'
import { checkpoint, constant, gradients, input, type Tensor } from './index.ts'
import { shrink } from './shrink.ts'
import { topologicalOrder } from './traverse.ts'

const numbers = (shape: readonly number[], name: string) => {
  const stream = random(5, name)
  const count = shape.reduce((product, size) => product * size, 1)
  return float32(
    shape,
    Array.from({ length: count }, () => stream.normal()),
  )
}

const ops = (outputs: Readonly<Record<string, Tensor>>) =>
  topologicalOrder(Object.values(outputs)).map(({ op }) => op)

/** Largest size of an axis in a graph. */
const largest = (outputs: Readonly<Record<string, Tensor>>) =>
  Math.max(...topologicalOrder(Object.values(outputs)).flatMap(({ outputs: [y] }) => y.shape))

async function expectSame(
  outputs: Readonly<Record<string, Tensor>>,
  feeds: Parameters<typeof evaluate>[1],
): Promise<Record<string, Tensor>> {
  const small = shrink(outputs)
  const [full, found] = [await evaluate(outputs, feeds), await evaluate(small, feeds)]
  for (const [name, values] of Object.entries(full)) {
    expect(found[name]).toEqual(values.map((value) => expect.closeTo(value, 5)))
  }
  return small
}

it('a restored tensor has its numbers at their places and zeros at the others', async () => {
  const x = numbers([2, 3], 'x')
  const leaf = input('x', [2, 3])
  const y = restore(restore(leaf, 1, [0, 3, 4], 6), 0, [1, 2], 3)
  const [a, b, c, d, e, f] = x.data
  expect((await evaluate({ y }, { x })).y).toEqual(
    [
      [0, 0, 0, 0, 0, 0],
      [a, 0, 0, b, c, 0],
      [d, 0, 0, e, f, 0],
    ]
      .flat()
      .map((value) => expect.closeTo(value!, 6)),
  )
  const { source, kept } = restoredFrom(y)!
  expect(source).toBe(leaf)
  expect([...kept].sort()).toEqual([
    [0, [1, 2]],
    [1, [0, 3, 4]],
  ])
  expect(restoredFrom(leaf.gather(constant(int64([2], [1, 0])), 0))).toBeUndefined()
})

const kept = [0, 2, 3, 7]

/** Hidden units 8 of an MLP of which 4 are left, with a factor for each. */
function mlp(x: Tensor, factor: Tensor): Tensor {
  const first = restore(input('first', [4, 3]), 0, kept, 8)
  const bias = restore(input('bias', [4]), 0, kept, 8)
  const second = restore(input('second', [5, 4]), 1, kept, 8)
  return x
    .gemm(first, bias, { transposeB: true })
    .sigmoid()
    .mul(factor)
    .gemm(second, undefined, { transposeB: true })
}

const feeds = {
  x: numbers([2, 3], 'x'),
  first: numbers([4, 3], 'first'),
  bias: numbers([4], 'bias'),
  second: numbers([5, 4], 'second'),
}

it('hidden units shrink, with a constant and with what is fed for them', async () => {
  const x = input('x', [2, 3])
  const small = await expectSame(
    { y: mlp(x, constant(numbers([8], 'factor'))), z: mlp(x, input('factor', [1, 8])) },
    { ...feeds, factor: numbers([1, 8], 'factor') },
  )
  expect(largest({ y: small.y! })).toBe(5)
  expect(ops({ y: small.y! })).not.toContain('gather')
})

it('gradients of the smaller graph are those of the stored weights', async () => {
  const x = input('x', [2, 3])
  const y = mlp(x, constant(numbers([8], 'factor')))
  const loss = y.square().sum()
  const leafOf = (graph: Tensor, name: string) =>
    topologicalOrder([graph]).find(({ attributes }) => (attributes as { name?: string }).name === name)!
      .outputs[0]
  const names = ['first', 'bias', 'second']
  const of = (graph: Tensor) =>
    Object.fromEntries(
      gradients(
        graph,
        names.map((name) => leafOf(graph, name)),
      ).map((dy, i) => [`d ${names[i]}`, dy]),
    )
  const [full, small] = [await evaluate(of(loss), feeds), await evaluate(of(shrink({ loss }).loss), feeds)]
  for (const [name, values] of Object.entries(full))
    expect(small[name]).toEqual(values.map((value) => expect.closeTo(value, 4)))
  expect(Object.keys(full)).toHaveLength(3)
  expect(largest(of(shrink({ loss }).loss))).toBe(5)
})

it('heads shrink through the reshapes that split and join them', async () => {
  const [heads, width] = [4, 3]
  const left = [0, 2]
  const rows = left.flatMap((head) => Array.from({ length: width }, (_, i) => head * width + i))
  const project = (name: string) => restore(input(name, [rows.length, 5]), 0, rows, heads * width)
  const x = input('x', [2, 6, 5])
  const split = (name: string) =>
    x
      .reshape([-1, 5])
      .gemm(project(name), undefined, { transposeB: true })
      .reshape([2, 6, heads, width])
      .transpose([0, 2, 1, 3])
  const scores = split('q').matmul(split('k'), { transposeB: true }).softmax()
  const mixed = scores
    .matmul(split('v'))
    .transpose([0, 2, 1, 3])
    .reshape([12, heads * width])
  const y = mixed.gemm(restore(input('out', [5, rows.length]), 1, rows, heads * width), undefined, {
    transposeB: true,
  })
  const shapes = { x: [2, 6, 5], q: [6, 5], k: [6, 5], v: [6, 5], out: [5, 6] }
  const fed = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, numbers(shape, name)]))
  const small = await expectSame({ y }, fed)
  expect(topologicalOrder([small.y!]).some(({ outputs: [z] }) => `${z.shape}` === '2,2,6,6')).toBe(true)
  expect(ops(small)).not.toContain('pad')
})

it('what cannot shrink stays at its full size', async () => {
  const x = input('x', [2, 3])
  const first = restore(input('first', [4, 3]), 0, kept, 8)
  // The softmax is over the units: without the zeros it would be another one.
  const y = x.gemm(first, undefined, { transposeB: true }).softmax()
  const small = await expectSame({ y }, feeds)
  expect(small.y).toBe(y)
  // The other operand is not zero where the first lacks rows.
  const other = input('other', [5, 8])
  const z = x
    .gemm(first, undefined, { transposeB: true })
    .sigmoid()
    .gemm(other, undefined, { transposeB: true })
  expect((await expectSame({ z }, { ...feeds, other: numbers([5, 8], 'other') })).z).toBe(z)
})

it('a part that is computed again in the backward pass still is, at its smaller size', () => {
  const x = input('x', [2, 3])
  const build = (x: Tensor) => mlp(x, constant(numbers([8], 'factor')))
  const { loss } = shrink({ loss: checkpoint(build, x).sum() })
  const regions = new Set(topologicalOrder([loss]).flatMap(({ region }) => region ?? []))
  expect(regions.size).toBe(1)
  const [region] = regions
  expect(region!.inputs).toEqual([x])
  expect(region!.nodes.map(({ op }) => op)).toEqual(expect.arrayContaining(['gemm', 'sigmoid', 'mul']))
  expect(Math.max(...region!.nodes.flatMap(({ outputs: [y] }) => y.shape))).toBe(5)
})
