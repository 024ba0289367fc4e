import { expect, it } from 'vitest'
import { concat, input, type Tensor } from './index.ts'
import { residualBlock } from './residual-block.ts'

const weights = () =>
  [input('a', [4, 4]), input('b', [4, 4]), input('gain', [4]), input('offset', [4])] as const
const x = input('x', [3, 4])

it('finds two sums in a row as one block, with norms before or behind them', () => {
  const [a, b, gain, offset] = weights()
  const before = (y: Tensor) => {
    const first = y.add(y.layerNorm(gain, offset).matmul(a))
    return first.add(first.layerNorm(gain, offset).matmul(b).relu())
  }
  const behind = (y: Tensor) => {
    const first = y.matmul(a).add(y).layerNorm(gain, offset)
    return first.add(first.matmul(b)).layerNorm(gain, offset)
  }
  for (const block of [before, behind]) {
    const entry = x.exp()
    const exit = block(entry)
    const found = residualBlock([exit.sum(), exit.relu()], [a, b, gain, offset])
    expect(found?.entry).toBe(entry)
    expect(found?.exit).toBe(exit)
  }
})

it('takes the chosen tokens as the entry where a block is given more than it gives', () => {
  const [a, b] = weights()
  const all = x.exp()
  const chosen = all.slice(0, 0, 1)
  const exit = chosen.add(chosen.matmul(a).matmul(all, { transposeB: true }).matmul(all).matmul(b))
  expect(residualBlock([exit.tanh()], [a, b])).toEqual({ entry: chosen, exit })
})

it('finds none where nothing passes by, where all goes two ways, and where the weights are not there', () => {
  const [a, b] = weights()
  expect(residualBlock([x.matmul(a).matmul(b).relu()], [a, b])).toBeUndefined()
  const sum = x.add(x.matmul(a))
  expect(residualBlock([concat([sum, x.matmul(a).exp()], 0)], [a])).toBeUndefined()
  expect(residualBlock([sum], [b])).toBeUndefined()
})
