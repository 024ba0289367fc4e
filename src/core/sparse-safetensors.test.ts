import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { float32, type HostArray } from './host-array.ts'
import {
  encodeSafetensors,
  readSafetensors,
  readSafetensorsHeader,
  type StoredArray,
  writeSafetensors,
} from './safetensors.ts'
import { sparseContent } from './sparse-safetensors.ts'

const golden = join(import.meta.dirname, '../../test/golden/safetensors/sparse.safetensors')
const directory = mkdtempSync(join(tmpdir(), 'sparse-'))
const file = join(directory, 'model.safetensors')
afterAll(() => rmSync(directory, { recursive: true }))

const bitsOf = ({ data }: Pick<HostArray, 'data'>): string =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex')

/** Write tensors sparse, and read them again. */
function roundTrip(tensors: ReadonlyMap<string, StoredArray>) {
  const content = sparseContent(tensors, { format: 'pt' })
  writeSafetensors(file, content.tensors, content.metadata)
  return readSafetensors(file)
}

/** 6 × 5 numbers of which about half are zero, with what is easily lost: minus zero, NaN, the smallest number. */
const weight = float32(
  [6, 5],
  Array.from({ length: 30 }, (_, i) => (i % 2 === 0 ? 0 : [-0, Number.NaN, 1e-45, 2.5, i][i % 5]!)),
)

describe('sparse tensors of safetensors', () => {
  it('have the bytes that Python writes for the layout of the docs', () => {
    const matrix = float32([2, 3, 3], [0, 1, 0, 0, -2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0.5, 0, -0.25])
    const bias = float32([3], [0, 0, 1])
    const content = sparseContent(
      new Map([
        ['matrix', matrix],
        ['bias', bias],
      ]),
    )
    const bytes = Buffer.concat(encodeSafetensors(content.tensors, content.metadata))
    expect(bytes.equals(readFileSync(golden))).toBe(true)
    const { tensors, dtypes } = readSafetensors(golden)
    expect(tensors).toEqual(
      new Map([
        ['matrix', matrix],
        ['bias', bias],
      ]),
    )
    expect(Object.fromEntries(dtypes)).toEqual({ matrix: 'F32', bias: 'F32' })
  })

  it('come back bit by bit, minus zero and NaN too', () => {
    const { tensors } = roundTrip(new Map([['weight', weight]]))
    expect(bitsOf(tensors.get('weight')!)).toBe(bitsOf(weight))
    expect([...readSafetensorsHeader(file).tensors.keys()]).toEqual(['weight.values', 'weight.mask'])
  })

  it('come back whatever their zeros are, in float32, float16 and bfloat16', () => {
    const numbers = fc.array(fc.constantFrom(0, 0, 0, 1, 0x3c00, 0x8000, 0xffff), {
      minLength: 1,
      maxLength: 70,
    })
    fc.assert(
      fc.property(numbers, fc.constantFrom('float16', 'bfloat16', 'float32'), (values, dtype) => {
        const data = dtype === 'float32' ? Float32Array.from(values) : Uint16Array.from(values)
        const array = { dtype, shape: [1, values.length], data } as StoredArray
        const { tensors } = roundTrip(new Map([['a', array]]))
        // bfloat16 is the upper half of float32.
        const wide = Uint32Array.from(values, (bits) => bits * 65536)
        const expected =
          dtype === 'bfloat16' ? bitsOf({ data: new Float32Array(wide.buffer) }) : bitsOf({ data })
        expect(bitsOf(tensors.get('a')!)).toBe(expected)
      }),
      { seed: 3 },
    )
  })

  it('are only those that become smaller, and no vectors', () => {
    const full = float32([2, 2], [1, 2, 3, 4])
    const vector = float32([40], new Float32Array(40))
    const { tensors, metadata } = sparseContent(
      new Map([
        ['full', full],
        ['vector', vector],
      ]),
    )
    expect([...tensors]).toEqual([
      ['full', full],
      ['vector', vector],
    ])
    expect(metadata).toEqual({})
  })

  it('are asked for once, by their own names', () => {
    roundTrip(
      new Map([
        ['weight', weight],
        ['other', weight],
      ]),
    )
    const asked: string[] = []
    const { tensors } = readSafetensors(file, (name) => {
      asked.push(name)
      return name === 'weight'
    })
    expect(asked.toSorted()).toEqual(['other', 'weight'])
    expect([...tensors.keys()]).toEqual(['weight'])
  })

  it('that lack a part, or whose mask does not fit, are refused by name', () => {
    const { tensors, metadata } = sparseContent(new Map([['weight', weight]]))
    const values = tensors.get('weight.values')!
    const code = () =>
      expect.objectContaining({ code: 'checkpoint/sparse', facts: { file, tensor: 'weight' } })
    writeSafetensors(file, new Map([['weight.values', values]]), metadata)
    expect(() => readSafetensors(file)).toThrow(code())
    const fewer = float32([3], [1, 2, 3])
    writeSafetensors(file, new Map([...tensors, ['weight.values', fewer]]), metadata)
    expect(() => readSafetensors(file)).toThrow(code())
    writeSafetensors(file, tensors, { sparse_tensors: 'no list' })
    expect(() => readSafetensors(file)).toThrow(expect.objectContaining({ code: 'checkpoint/sparse' }))
  })
})
