import { join } from 'node:path'
import { expect, it } from 'vitest'
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from './half-precision.ts'
import { readSafetensors } from './safetensors.ts'
import { readShardedSafetensors } from './sharded-safetensors.ts'

const golden = (name: string) => join(import.meta.dirname, '../../test/golden/finetune', name)
const every = Uint16Array.from({ length: 65_536 }, (_, i) => i)

it.each([
  ['float16', fromFloat16, toFloat16, 0x7c00],
  ['bfloat16', fromBfloat16, toBfloat16, 0x7f80],
] as const)('every %s comes back as it was', (_, widen, narrow, infinity) => {
  const back = narrow(widen(every))
  const different = every.filter((bits, i) => back[i] !== bits && (bits & 0x7fff) <= infinity)
  expect([...different]).toEqual([])
  expect(widen(back).every((value, i) => Number.isNaN(value) === (every[i]! & 0x7fff) > infinity)).toBe(true)
})

it('rounds to the nearest, ties to even, and what is too large to infinity', () => {
  const bits = (values: number[]) => [...toFloat16(Float32Array.from(values))]
  const [one, step] = [0x3c00, 2 ** -10]
  expect(bits([1 + step / 2, 1 + 1.5 * step, 1 + 0.51 * step, -1 - step / 2])).toEqual([
    one,
    one + 2,
    one + 1,
    0x8000 | one,
  ])
  expect(bits([65_504, 65_519, 65_520, -1e9])).toEqual([0x7bff, 0x7bff, 0x7c00, 0xfc00])
  expect(bits([2 ** -24, 2 ** -25, 1.5 * 2 ** -24, 2 ** -14 - 2 ** -26])).toEqual([1, 0, 2, 0x400])
  const wide = [...toBfloat16(Float32Array.from([1 + 2 ** -8, 1 + 3 * 2 ** -8, 3.4e38]))]
  expect(wide).toEqual([0x3f80, 0x3f82, 0x7f80])
})

it('rounds the weights of a model as PyTorch does', () => {
  const { tensors } = readSafetensors(golden('clip/model.safetensors'))
  const halves = readSafetensors(golden('clip-float16/model.safetensors')).tensors
  const wide = readShardedSafetensors(
    golden('clip-bfloat16/model.safetensors.index.json'),
    () => true,
  ).tensors
  for (const [name, { data }] of tensors) {
    expect(toFloat16(data as Float32Array), name).toEqual(halves.get(name)!.data)
    expect(fromBfloat16(toBfloat16(data as Float32Array)), name).toEqual(wide.get(name)!.data)
  }
  expect(tensors.size).toBe(halves.size)
})
