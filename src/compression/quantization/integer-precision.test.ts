import { describe, expect, it } from 'vitest'
import { executedOperators } from '../../../test/support/executed-operators.ts'
import { float32, random } from '../../core/index.ts'
import { Engine, toHost } from '../../engine/index.ts'
import { input, writeOnnx } from '../../graph/index.ts'
import { activationCodes, throughCode } from './activation-codes.ts'
import { columnCodes } from './codes.ts'
import { integerPrecision } from './integer-precision.ts'
import { integerProduct } from './integer-product.ts'
import { productsOf } from './products.ts'
import { StoredLeaves } from './stored-leaves.ts'

const [rows, inputs, outputs] = [16, 256, 24]
const x = input('x', [rows, inputs])
const weight = input('layer.weight', [outputs, inputs])
const bias = input('layer.bias', [outputs])

type Fill = (i: number) => number

/** A product as ONNX Runtime computes it, and from sums of whole numbers. */
async function products(precision: ReturnType<typeof integerPrecision>, matrix: Fill, activation: Fill) {
  const weights = new Map([
    [
      weight,
      float32(
        [outputs, inputs],
        Float32Array.from({ length: outputs * inputs }, (_, i) => matrix(i)),
      ),
    ],
    [bias, float32([outputs], new Float32Array(outputs).fill(0.5))],
  ])
  const values = Float32Array.from({ length: rows * inputs }, (_, i) => activation(i))
  const activations = activationCodes({ low: 0, high: 255 }, precision.type)
  const leaves = new StoredLeaves(weights)
  const [product] = productsOf({ outputs: { y: x.gemm(weight, bias, { transposeB: true }) }, weights })
  const y = integerProduct(product!, x, { activations, ...precision }, leaves)
  let computed: Float32Array = new Float32Array()
  const operators = await executedOperators(async () => {
    const program = await new Engine({ threads: 1 }).load(
      writeOnnx({ y }, { weights: leaves.weights }).bytes,
      { optimize: true },
    )
    computed = await toHost((await program.run({ x: float32([rows, inputs], values) })).y!, 'float32')
  })
  const matrixData = weights.get(weight)!.data
  const columns = Float32Array.from(
    { length: inputs * outputs },
    (_, i) => matrixData[(i % outputs) * inputs + Math.floor(i / outputs)]!,
  )
  const { codes, scales } = columnCodes(columns, outputs, precision.bits)
  const exact = Array.from({ length: rows * outputs }, (_, i) => {
    const [row, column] = [Math.floor(i / outputs), i % outputs]
    let sum = 0
    for (let k = 0; k < inputs; k++)
      sum +=
        (throughCode(values[row * inputs + k]!, activations) / activations.scale) *
        codes[k * outputs + column]!
    return sum * activations.scale * scales[column]! + 0.5
  })
  // As a share of the largest sum there could be: the bias is rounded to a whole number of steps.
  const bound = 255 * inputs * Math.max(...matrixData.map(Math.abs))
  return { error: Math.max(...exact.map((value, i) => Math.abs(value - computed[i]!))) / bound, operators }
}

const stream = random(4, 'integer-products')
const cases: Readonly<Record<string, readonly [matrix: Fill, activation: Fill]>> = {
  'all at the ends of their range': [() => 1, () => 255],
  'all at the other end': [() => -1, () => 255],
  'at both ends in pairs': [(i) => (i % 4 < 2 ? 1 : -1), () => 255],
  random: [() => stream.normal(), () => 255 * stream.uniform()],
}

describe('products on this processor are those of whole numbers', () => {
  const wanted = [
    { activations: 'uint8', weights: 'auto' },
    { activations: 'int8', weights: 'auto' },
    { activations: 'uint8', weights: 7 },
    { activations: 'uint8', weights: 8 },
    { activations: 'int8', weights: 8 },
  ] as const
  for (const [name, [matrix, activation]] of Object.entries(cases)) {
    it.each(wanted)(`${name}: $activations with weights of $weights bits`, async (each) => {
      const { error, operators } = await products(integerPrecision(each), matrix, activation)
      expect(operators).toEqual({ QuantizeLinear: 1, QGemm: 1 })
      expect(error).toBeLessThan(1e-6)
    })
  }
})

describe.runIf(integerPrecision({ activations: 'uint8', weights: 'auto' }).bits === 7)(
  'without instructions for bytes',
  () => {
    it.each(['uint8', 'int8'] as const)('8 bits in int8 overflow, with activations of %s', async (type) => {
      const unsafe = { type, bits: 8, weightType: 'int8', why: 'to see it' } as const
      const { error } = await products(unsafe, ...cases['all at the ends of their range']!)
      expect(error).toBeGreaterThan(0.3)
    })
  },
)

describe('what is chosen', () => {
  const [avx2, vnni] = ['flags : fma avx2 bmi2', 'flags : avx2 avx512f avx512_vnni']
  const x86 = process.arch !== 'arm64'
  it.runIf(x86)(
    'is 7 bits without VNNI, 8 with it, and 8 in uint8 where they are asked for without it',
    () => {
      const of = (weights: 'auto' | 7 | 8, flags: string | undefined) => {
        const { bits, weightType } = integerPrecision({ activations: 'uint8', weights }, flags)
        return [bits, weightType]
      }
      expect(of('auto', avx2)).toEqual([7, 'int8'])
      expect(of('auto', vnni)).toEqual([8, 'int8'])
      expect(of('auto', 'flags : avx_vnni')).toEqual([8, 'int8'])
      expect(of(8, avx2)).toEqual([8, 'uint8'])
      expect(of(8, vnni)).toEqual([8, 'int8'])
      expect(of(7, vnni)).toEqual([7, 'int8'])
    },
  )

  it.runIf(x86)('says why', () => {
    expect(integerPrecision({ activations: 'uint8', weights: 'auto' }, avx2).why).toMatch(
      /7 bits in int8.*16 bits here/,
    )
  })
})
