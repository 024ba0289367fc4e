import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CheckpointError } from './errors.ts'
import { type DType, float32, type HostArray, int64, zeros } from './host-array.ts'
import { encodeSafetensors, readSafetensors, readSafetensorsHeader, writeSafetensors } from './safetensors.ts'

const golden = (name: string) => join(import.meta.dirname, '../../test/golden/safetensors', name)

let directory: string
let file: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'safetensors-'))
  file = join(directory, 'model.safetensors')
})
afterAll(() => rmSync(directory, { recursive: true }))

const hex = ({ data }: HostArray) =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex')

const described = (tensors: Iterable<readonly [string, HostArray]>) =>
  new Map(
    Array.from(tensors, ([name, array]) => [
      name,
      { dtype: array.dtype, shape: array.shape, hex: hex(array) },
    ]),
  )

describe('files written by Python', () => {
  const expected: Record<string, Record<string, unknown>> = JSON.parse(
    readFileSync(golden('expected.json'), 'utf8'),
  )

  it.each(Object.keys(expected))('%s is read bit for bit', (name) => {
    const { tensors } = readSafetensors(golden(name))
    expect(described(tensors)).toEqual(new Map(Object.entries(expected[name]!)))
  })

  it('are written here with the same bytes, whatever the order given', () => {
    const { tensors, metadata } = readSafetensors(golden('written.safetensors'))
    expect(metadata).toEqual({ format: 'pt' })
    const bytes = Buffer.concat(encodeSafetensors([...tensors].reverse(), metadata))
    expect(bytes.equals(readFileSync(golden('written.safetensors')))).toBe(true)
  })

  it('tell their layout without reading the arrays', () => {
    const { tensors, metadata } = readSafetensorsHeader(golden('bfloat16.safetensors'))
    expect(metadata).toEqual({})
    expect([...tensors.keys()]).toEqual(['bfloat16', 'odd', 'float16'])
    expect(tensors.get('bfloat16')).toMatchObject({ dtype: 'BF16', shape: [2, 5], byteLength: 20 })
  })
})

const dtypes: DType[] = ['float32', 'float16', 'int64', 'int32', 'bool', 'uint8', 'int8']

const hostArrays: fc.Arbitrary<HostArray> = fc
  .record({
    dtype: fc.constantFrom(...dtypes),
    shape: fc.array(fc.nat(4), { maxLength: 4 }),
    noise: fc.infiniteStream(fc.nat(255)),
  })
  .map(({ dtype, shape, noise }) => {
    const array = zeros(dtype, shape)
    const bytes = new Uint8Array(array.data.buffer)
    for (let i = 0; i < bytes.length; i++) bytes[i] = noise.next().value
    return array
  })

const namedArrays = fc.uniqueArray(fc.tuple(fc.string({ unit: 'binary' }), hostArrays), {
  selector: ([name]) => name,
  maxLength: 12,
})

const texts = fc.dictionary(fc.string(), fc.string({ unit: 'binary' }), { noNullPrototype: true })

describe('writing and reading', () => {
  it('returns every bit, names, shapes and metadata', () => {
    fc.assert(
      fc.property(namedArrays, texts, (tensors, metadata) => {
        writeSafetensors(file, tensors, metadata)
        const back = readSafetensors(file)
        expect(described(back.tensors)).toEqual(described(tensors))
        expect(Object.entries(back.metadata).sort()).toEqual(Object.entries(metadata).sort())
        for (const { offset, byteLength, shape } of readSafetensorsHeader(file).tensors.values()) {
          const count = shape.reduce((a, b) => a * b, 1)
          if (count > 0) expect(offset % (byteLength / count)).toBe(0) // aligned
        }
      }),
      { seed: 7 },
    )
  })

  it('writes no tensors at all as Python does', () => {
    expect(Buffer.concat(encodeSafetensors([])).toString('latin1')).toBe('\b\0\0\0\0\0\0\0{}      ')
  })

  it('hands out views of the arrays, not copies', () => {
    const array = float32([2], [1, 2])
    const [, chunk] = encodeSafetensors([['a', array]])
    expect(chunk!.buffer).toBe(array.data.buffer)
  })

  it('writes a view into a larger buffer, as arenas hold them', () => {
    const arena = Float32Array.from([0, 1, 2, 3])
    writeSafetensors(file, [['view', { dtype: 'float32', shape: [2], data: arena.subarray(1, 3) }]])
    expect(readSafetensors(file).tensors.get('view')!.data).toEqual(Float32Array.from([1, 2]))
  })

  it.each(['twice', '__metadata__'])(
    'refuses the name "%s" and leaves the old file and no other behind',
    (name) => {
      writeSafetensors(file, [['old', float32([1], [1])]])
      const names = name === 'twice' ? [name, name] : [name]
      const tensors = names.map((each) => [each, float32([1], [2])] as const)
      expect(() => writeSafetensors(file, tensors)).toThrow(name)
      expect([...readSafetensors(file).tensors.keys()]).toEqual(['old'])
      expect(readdirSync(directory)).toEqual(['model.safetensors'])
    },
  )
})

describe('a damaged file', () => {
  const sound = Buffer.concat(
    encodeSafetensors([
      ['ids', int64([2], [1, 2])],
      ['weight', float32([2, 2], [1, 2, 3, 4])],
    ]),
  )

  /** Header `json` with its length before it and `dataBytes` zeros behind it. */
  function assembled(json: string, dataBytes: number): Buffer {
    const text = Buffer.from(json)
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(BigInt(text.length))
    return Buffer.concat([length, text, Buffer.alloc(dataBytes)])
  }

  const layout = (...tensors: [name: string, begin: number, end: number][]) =>
    JSON.stringify(
      Object.fromEntries(
        tensors.map(([name, begin, end]) => [
          name,
          { dtype: 'U8', shape: [end - begin], data_offsets: [begin, end] },
        ]),
      ),
    )

  const entry = (changes: object) =>
    JSON.stringify({ weight: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...changes } })

  it.each<[problem: string, bytes: Buffer, code: string, tensor?: string]>([
    ['empty', Buffer.alloc(0), 'checkpoint/not-safetensors'],
    ['cut in the length', sound.subarray(0, 5), 'checkpoint/not-safetensors'],
    ['cut in the header', sound.subarray(0, 40), 'checkpoint/not-safetensors'],
    ['cut in the data', sound.subarray(0, -1), 'checkpoint/truncated', 'weight'],
    ['cut before the data', sound.subarray(0, -32), 'checkpoint/truncated', 'ids'],
    ['longer than its tensors', Buffer.concat([sound, Buffer.alloc(1)]), 'checkpoint/not-safetensors'],
    ['another format', Buffer.from('PK\u0003\u0004 a zip of PyTorch'), 'checkpoint/not-safetensors'],
    ['not JSON', assembled('{"a":', 0), 'checkpoint/not-safetensors'],
    ['not UTF-8', assembled('{"a":"', 0).fill(0xff, 9), 'checkpoint/not-safetensors'],
    ['a list', assembled('[]', 0), 'checkpoint/not-safetensors'],
    ['null', assembled('null', 0), 'checkpoint/not-safetensors'],
    ['metadata of numbers', assembled('{"__metadata__":{"epoch":3}}', 0), 'checkpoint/not-safetensors'],
    ['an entry that is none', assembled('{"weight":1}', 0), 'checkpoint/not-safetensors', 'weight'],
    ['no dtype', assembled(entry({ dtype: 7 }), 8), 'checkpoint/not-safetensors', 'weight'],
    ['a negative size', assembled(entry({ shape: [-2] }), 8), 'checkpoint/not-safetensors', 'weight'],
    [
      'a dtype of Python only',
      assembled(entry({ dtype: 'F64', shape: [1] }), 8),
      'checkpoint/dtype',
      'weight',
    ],
    ['such a dtype of other size', assembled(entry({ dtype: 'F64' }), 8), 'checkpoint/layout', 'weight'],
    ['an unknown dtype', assembled(entry({ dtype: 'F128' }), 8), 'checkpoint/dtype', 'weight'],
    ['a dtype of Object', assembled(entry({ dtype: 'toString' }), 8), 'checkpoint/dtype', 'weight'],
    ['shape and bytes differ', assembled(entry({ shape: [3] }), 8), 'checkpoint/layout', 'weight'],
    ['backwards', assembled(entry({ data_offsets: [8, 0] }), 8), 'checkpoint/layout', 'weight'],
    ['overlap', assembled(layout(['a', 0, 4], ['b', 3, 6]), 6), 'checkpoint/layout', 'b'],
    ['same place', assembled(layout(['a', 0, 4], ['b', 0, 4]), 4), 'checkpoint/layout', 'b'],
    ['gap', assembled(layout(['a', 0, 4], ['b', 5, 6]), 6), 'checkpoint/layout', 'b'],
    ['gap at the start', assembled(layout(['a', 1, 4]), 4), 'checkpoint/layout', 'a'],
    ['far outside', assembled(layout(['a', 0, 2 ** 40]), 4), 'checkpoint/truncated', 'a'],
  ])('%s: names file, tensor and the way out', (_problem, bytes, code, tensor) => {
    writeFileSync(file, bytes)
    const error = caught(() => readSafetensors(file))
    expect(error.code).toBe(code)
    expect(error.facts).toMatchObject(tensor === undefined ? { file } : { file, tensor })
    expect(error.message).toContain(file)
    if (tensor !== undefined) expect(error.message).toContain(`"${tensor}"`)
    expect(error.message).toMatch(/again|Convert/)
  })

  it('any cut is noticed', () => {
    fc.assert(
      fc.property(fc.nat(sound.length - 1), (length) => {
        writeFileSync(file, sound.subarray(0, length))
        expect(() => readSafetensors(file)).toThrow(CheckpointError)
      }),
      { seed: 7 },
    )
  })

  it('announcing a huge header allocates nothing', () => {
    writeFileSync(file, Buffer.alloc(16, 0xff))
    expect(caught(() => readSafetensors(file)).code).toBe('checkpoint/not-safetensors')
  })

  it('missing, or a directory', () => {
    expect(caught(() => readSafetensors(join(directory, 'none'))).code).toBe('checkpoint/unreadable')
    expect(caught(() => readSafetensorsHeader(directory)).code).toBe('checkpoint/unreadable')
  })
})

function caught(action: () => unknown): CheckpointError {
  try {
    action()
  } catch (error) {
    if (error instanceof CheckpointError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
