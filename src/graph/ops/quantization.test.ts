import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../test/support/evaluate.ts'
import { float32, hostArray, int64, ShapeError } from '../../core/index.ts'
import { constant, input, scalar } from '../index.ts'

const x = input('x', [6])
const int8s = (...values: number[]) => constant(hostArray('int8', [values.length], Int8Array.from(values)))
const zero = (type: 'uint8' | 'int8', value: number) =>
  constant(
    type === 'uint8' ? hostArray(type, [], Uint8Array.of(value)) : hostArray(type, [], Int8Array.of(value)),
  )

describe('quantize and dequantize', () => {
  it('round to the nearest, even on a tie, and stay within the range of the codes', async () => {
    const feeds = { x: float32([6], [-1000, -1.25, -0.25, 0.75, 1.24, 1000]) }
    const codes = (type: 'uint8' | 'int8', at: number) =>
      x.quantize(scalar(0.5), zero(type, at)).cast('float32')
    const results = await evaluate({ u: codes('uint8', 3), s: codes('int8', -2) }, feeds)
    expect(results).toEqual({ u: [0, 1, 3, 5, 5, 255], s: [-128, -4, -2, 0, 0, 127] })
  })

  it('give back (code − zero point) · scale, for each place of an axis its own', async () => {
    const codes = constant(hostArray('int8', [2, 3], Int8Array.of(1, 2, 3, -1, -2, -128)))
    const scales = constant(float32([3], [1, 0.5, 2]))
    const y = codes.dequantize(scales, int8s(0, 1, 0), 1)
    const z = codes.dequantize(constant(float32([2], [10, 1])), int8s(0, -1), 0)
    const whole = constant(hostArray('int32', [2], Int32Array.of(70_000, -3))).dequantize(scalar(0.25))
    expect(await evaluate({ y, z, whole })).toEqual({
      y: [1, 0.5, 6, -1, -1.5, -256],
      z: [10, 20, 30, 0, -1, -127],
      whole: [17_500, -0.75],
    })
  })

  it('refuse what does not fit', () => {
    const ids = input('ids', [6], 'int64')
    expect(() => ids.quantize(scalar(1), zero('int8', 0))).toThrow(ShapeError)
    expect(() => x.dequantize(scalar(1))).toThrow(/uint8, int8 or int32/)
    expect(() => int8s(1, 2).dequantize(constant(float32([3], [1, 1, 1])))).toThrow(/each place of axis 0/)
    expect(() => int8s(1).dequantize(scalar(1), zero('uint8', 0))).toThrow(/zero points of their type/)
  })
})

describe('matmulBits', () => {
  const rows = input('rows', [2, 3])
  const feeds = { rows: float32([2, 3], [1, 10, 100, 2, 0, -1]) }

  it('multiplies with codes of 4 bits, the lower half of a byte first', async () => {
    // Columns: 1, −1, 2 and 7, −8, 0, in blocks of 16 of which 3 are used, codes 8 higher.
    const bytes = new Uint8Array(16)
    bytes.set([9 | (7 << 4), 10], 0)
    bytes.set([15 | (0 << 4), 8], 8)
    const codes = constant(hostArray('uint8', [2, 1, 8], bytes))
    const y = rows.matmulBits(codes, constant(float32([2], [1, 0.5])), { bits: 4, block: 16 })
    expect(await evaluate({ y }, feeds)).toEqual({ y: [191, -36.5, 0, 7] })
  })

  it('takes zero points of blocks', async () => {
    const bytes = new Uint8Array(16)
    bytes.set([3, 5, 2])
    const codes = constant(hostArray('uint8', [1, 1, 16], bytes))
    const zeros = constant(hostArray('uint8', [1], Uint8Array.of(3)))
    const y = rows.matmulBits(codes, constant(float32([1], [2])), { bits: 8, block: 16 }, zeros)
    expect(await evaluate({ y }, feeds)).toEqual({ y: [-160, 2] })
  })

  it('refuses codes of another shape', () => {
    const codes = constant(hostArray('uint8', [1, 1, 8], new Uint8Array(8)))
    expect(() => rows.matmulBits(codes, scalar(1), { bits: 8, block: 16 })).toThrow(
      /codes uint8\[1,1,16\] with 1 scales/,
    )
    expect(() =>
      rows.matmulBits(constant(int64([1, 1, 8], new Array(8).fill(0))), scalar(1), { bits: 4, block: 16 }),
    ).toThrow(ShapeError)
  })
})
