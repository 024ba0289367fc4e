import { expect, it } from 'vitest'
import { float32 } from '../core/index.ts'
import { constant, input, PackedRows, sameGraph, type Tensor } from './index.ts'

const build = (name = 'w', change = (y: Tensor): Tensor => y.mul(constant(float32([2], [1, 2])))) => {
  const x = input('x', [3, 4])
  const packed = new PackedRows(x.sum(1).greater(0).reshape([3, 1]))
  const rows = packed.pack(x.reshape([3, 1, 4])).gemm(input(name, [4, 2]))
  return { y: change(packed.pad(rows).reshape([3, -1])) }
}

it('graphs that were built apart are the same, whatever primes stand for their packed rows', () => {
  expect(sameGraph(build(), build())).toBe(true)
})

it.each<[string, Record<string, Tensor>]>([
  ['another leaf', build('v')],
  ['another constant', build('w', (y) => y.mul(constant(float32([2], [1, 3]))))],
  ['another op', build('w', (y) => y.add(constant(float32([2], [1, 2]))))],
  ['another attribute', build('w', (y) => y.mul(constant(float32([2], [1, 2]))).softmax(0))],
  ['another name', { z: build().y }],
  ['an output more', { ...build(), z: build().y }],
])('%s makes a difference', (_, other) => {
  expect(sameGraph(build(), other)).toBe(false)
})
