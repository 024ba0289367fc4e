import { expect, it } from 'vitest'
import { checkGradient } from '../../test/gradients/check-gradient.ts'
import { evaluate } from '../../test/support/evaluate.ts'
import { float32, random, type Shape, sizeOf } from '../core/index.ts'
import { dropout, input, substitute } from '../graph/index.ts'
import { withDropout } from './dropout.ts'
import { zerosInit } from './initializers.ts'
import { Linear } from './linear.ts'
import { namedParameters } from './module.ts'

const drawn = (shape: Shape, name: string) => {
  const stream = random(3, name)
  return float32(
    shape,
    Array.from({ length: sizeOf(shape) }, () => stream.normal()),
  )
}

/** A map of 3 numbers to 2 with an adapter of rank 2 that adds 0.75 of what it gives. */
function adapted(dropout = 0) {
  const linear = new Linear(3, 2, { init: zerosInit })
  linear.adapt({ rank: 2, scale: 0.75, dropout })
  const parameters = namedParameters(linear)
  const values = Object.fromEntries([...parameters].map(([name, { shape }]) => [name, drawn(shape, name)]))
  return { linear, parameters, values }
}

const x = float32([2, 3], [1, -2, 3, 0.5, 4, -1])
const leaf = input('x', [2, 3])

/** x·Wᵀ + b + 0.75·d·Aᵀ·Bᵀ, number by number. */
function reference(values: ReturnType<typeof adapted>['values'], d: ArrayLike<number>): number[] {
  const [w, b, A, B] = ['weight', 'bias', 'lora_a.weight', 'lora_b.weight'].map((name) => values[name]!.data)
  return [0, 1].flatMap((row) =>
    [0, 1].map((out) => {
      const sum = (count: number, term: (i: number) => number) =>
        Array.from({ length: count }, (_, i) => term(i)).reduce((total, value) => total + value)
      const low = (k: number) => sum(3, (i) => Number(A![k * 3 + i]) * d[row * 3 + i]!)
      const affine = sum(3, (i) => Number(w![out * 3 + i]) * x.data[row * 3 + i]!) + Number(b![out])
      return affine + 0.75 * sum(2, (k) => Number(B![out * 2 + k]) * low(k))
    }),
  )
}

it('adds scale·B·A·x to the map', async () => {
  const { linear, values, parameters } = adapted()
  expect([...parameters.keys()]).toEqual(['weight', 'bias', 'lora_a.weight', 'lora_b.weight'])
  const { y } = await evaluate({ y: linear.forward(leaf) }, { x, ...values })
  expect(y).toEqual(reference(values, x.data).map((value) => expect.closeTo(value, 5)))
})

it('has the gradients that central differences give, of the input, the map and the adapter', () => {
  const { linear, parameters, values } = adapted()
  return checkGradient({
    inputs: [x, ...Object.values(values)],
    build: ([first, ...others]) => {
      const leaves = [...parameters.values()].map(({ tensor }, i) => [tensor, others[i]!] as const)
      return substitute({ y: linear.forward(first!) }, new Map(leaves)).y!
    },
  })
})

it('drops the input of the adapter alone, and only in graphs that are built with dropout', async () => {
  const { linear, values } = adapted(0.5)
  const rates: number[] = []
  const mask = float32([2, 3], [1, 0, 1, 0, 1, 1])
  const y = withDropout(
    (value, rate) => {
      rates.push(rate)
      return dropout(value, rate, input('mask', [2, 3]))
    },
    () => linear.forward(leaf),
  )
  const found = await evaluate({ y, used: linear.forward(leaf) }, { x, mask, ...values })
  expect(rates).toEqual([0.5])
  const dropped = x.data.map((value, i) => 2 * value * mask.data[i]!)
  expect(found.y).toEqual(reference(values, dropped).map((value) => expect.closeTo(value, 5)))
  expect(found.used).toEqual(reference(values, x.data).map((value) => expect.closeTo(value, 5)))
})

it('changes nothing before it is trained: A is uniform within ±1/√inputs, B is zero', () => {
  const linear = new Linear(400, 30, { init: zerosInit })
  linear.adapt({ rank: 50, scale: 2, dropout: 0 })
  const parameters = namedParameters(linear)
  const initial = (name: string) => {
    const { shape, initialize } = parameters.get(name)!
    return [...initialize(shape, random(1, name))]
  }
  expect(initial('lora_b.weight').every((value) => value === 0)).toBe(true)
  const a = initial('lora_a.weight')
  expect(Math.max(...a.map(Math.abs))).toBeLessThanOrEqual(1 / 20)
  const variance = a.reduce((sum, value) => sum + value ** 2, 0) / a.length
  // Of a uniform distribution within ±c: c²/3.
  expect(variance / (1 / 400 / 3)).toBeCloseTo(1, 1)
})
