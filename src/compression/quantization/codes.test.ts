import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { random } from '../../core/index.ts'
import { activationCodes, throughCode } from './activation-codes.ts'
import { blockCodes, columnCodes, roundHalfEven, rowCodes } from './codes.ts'

const normals = (length: number, seed = 1) => {
  const stream = random(seed, 'codes')
  return Float32Array.from({ length }, () => stream.normal())
}

it('roundHalfEven rounds as NumPy does', () => {
  // numpy.rint([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.49, -0.51])
  const numbers = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.49, -0.51]
  expect(numbers.map(roundHalfEven).map((x) => x + 0)).toEqual([-2, -2, 0, 0, 2, 2, 0, -1])
})

describe('codes of columns', () => {
  it('are those of a small matrix', () => {
    const { codes, scales } = columnCodes(Float32Array.of(1, 0, -0.5, 0, 0.25, 0), 2, 8)
    expect([...codes]).toEqual([127, 0, -64, 0, 32, 0]) // 63.5 and 31.75
    expect([...scales]).toEqual([Math.fround(1 / 127), 1])
    expect([...columnCodes(Float32Array.of(1, -1), 1, 7).codes]).toEqual([63, -63])
  })

  it('miss no number by more than half a step', () => {
    const outputs = 7
    const matrix = normals(outputs * 50)
    for (const bits of [7, 8] as const) {
      const { codes, scales } = columnCodes(matrix, outputs, bits)
      for (const [i, code] of codes.entries()) {
        const scale = scales[i % outputs]!
        expect(Math.abs(code * scale - matrix[i]!)).toBeLessThanOrEqual(scale * 0.5001)
      }
      expect(Math.max(...codes.map(Math.abs))).toBe(2 ** (bits - 1) - 1)
    }
  })
})

it('codes of rows have a scale for each row, 1 for one of zeros', () => {
  const { codes, scales } = rowCodes(Float32Array.of(2, -1, 0, 0, 0.1, 0.2), 2)
  expect([...codes]).toEqual([127, -64, 0, 0, 64, 127])
  expect([...scales].map((scale) => scale.toFixed(6))).toEqual(['0.015748', '1.000000', '0.001575'])
})

/** Numbers that block codes stand for. */
function decoded(numbers: Float32Array, inputs: number, options: Parameters<typeof blockCodes>[2]): number[] {
  const { bits, block } = options
  const { codes, scales, zeroPoints } = blockCodes(numbers, inputs, options)
  const blocks = Math.ceil(inputs / block)
  const read = (bytes: Uint8Array, at: number) =>
    bits === 8 ? bytes[at]! : (bytes[at >> 1]! >> (4 * (at % 2))) & 15
  const zeroBytes = Math.ceil((blocks * bits) / 8)
  return Array.from(numbers, (_, i) => {
    const [output, input] = [Math.floor(i / inputs), i % inputs]
    const at = Math.floor(input / block)
    const zero = zeroPoints ? read(zeroPoints.subarray(output * zeroBytes), at) : 2 ** (bits - 1)
    const bytes = codes.subarray(((output * blocks + at) * block * bits) / 8)
    return (read(bytes, input % block) - zero) * scales[output * blocks + at]!
  })
}

describe('codes of blocks', () => {
  it.each([
    [4, true],
    [4, false],
    [8, true],
    [8, false],
  ] as const)('of %i bits, symmetric %s, miss by half a step at most', (bits, symmetric) => {
    const numbers = normals(3 * 70).map((value) => value + 0.5)
    const inputs = 70 // two blocks of 32 and a part of a third
    const back = decoded(numbers, inputs, { bits, block: 32, symmetric })
    for (let output = 0; output < 3; output++) {
      for (let start = 0; start < inputs; start += 32) {
        const at = output * inputs + start
        const block = numbers.subarray(at, Math.min(at + 32, (output + 1) * inputs))
        const [low, high] = [Math.min(0, ...block), Math.max(0, ...block)]
        const step = symmetric ? Math.max(-low, high) / (2 ** (bits - 1) - 1) : (high - low) / (2 ** bits - 1)
        block.forEach((value, i) => {
          // The zero point is rounded, too, which moves the ends by half a step.
          expect(Math.abs(back[at + i]! - value)).toBeLessThanOrEqual(step * (symmetric ? 0.501 : 1.001))
        })
      }
    }
  })

  it('of zeros are zeros', () => {
    expect(decoded(new Float32Array(64), 64, { bits: 4, block: 32, symmetric: false })).toEqual(
      new Array(64).fill(0),
    )
  })
})

describe('codes of activations', () => {
  it('have an exact zero, and reach both ends', () => {
    const finite = fc.double({ min: -1e3, max: 1e3, noNaN: true })
    fc.assert(
      fc.property(finite, finite, fc.constantFrom('uint8', 'int8'), (a, b, type) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)]
        const codes = activationCodes({ low, high }, type)
        expect(throughCode(0, codes)).toBe(0)
        for (const end of [low, high])
          expect(Math.abs(throughCode(end, codes) - end)).toBeLessThanOrEqual(codes.scale * 1.001)
      }),
      { seed: 17, numRuns: 200 },
    )
  })

  it('are those of ONNX: scale (high − low)/255', () => {
    expect(activationCodes({ low: -1, high: 1.55 }, 'uint8')).toEqual({
      type: 'uint8',
      scale: Math.fround(0.01),
      zeroPoint: 100,
    })
    expect(activationCodes({ low: -1, high: 1.55 }, 'int8').zeroPoint).toBe(-28)
    expect(activationCodes({ low: 1, high: 2.55 }, 'uint8'), 'zero is always in the range').toMatchObject({
      zeroPoint: 0,
    })
    expect(activationCodes({ low: 0, high: 0 }, 'uint8').scale).toBe(1)
  })
})
