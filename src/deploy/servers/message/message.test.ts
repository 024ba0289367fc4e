import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { random } from '../../../core/index.ts'
import { decodeMessage } from './decode.ts'
import { encodeMessage } from './encode.ts'
import type { Message } from './message.ts'
import { NumpyArray } from './numpy-array.ts'

/**
 * Bytes of `openpi_client.msgpack_numpy.packb` (openpi-client 0.1.2, msgpack 1.2.4) for
 * {"observation/state": np.arange(3.)/2, "flag": np.array([True, False]), "small": np.int16(-7), "prompt": "pick up the cup",
 * "n": [1, -1, 300, 70000, 2**40, -2**40, 1.5, None, True], "image": np.arange(12, dtype=np.uint8).reshape(2, 2, 3)}
 */
const ofPython = Buffer.from(
  '86b16f62736572766174696f6e2f737461746584c40b5f5f6e6461727261795f5fc3c40464617461c4180000000000000000000000000000e03f000000000000' +
    'f03fc4056474797065a33c6638c40573686170659103a4666c616784c40b5f5f6e6461727261795f5fc3c40464617461c4020100c4056474797065a37c6231c4' +
    '0573686170659102a5736d616c6c83c40d5f5f6e7067656e657269635f5fc3c40464617461f9c4056474797065a33c6932a670726f6d7074af7069636b207570' +
    '2074686520637570a16e9901ffcd012cce00011170cf0000010000000000d3ffffff0000000000cb3ff8000000000000c0c3a5696d61676584c40b5f5f6e6461' +
    '727261795f5fc3c40464617461c40c000102030405060708090a0bc4056474797065a37c7531c405736861706593020203',
  'hex',
)

const observation: Message = {
  'observation/state': new NumpyArray('<f8', [3], Float64Array.of(0, 0.5, 1)),
  flag: new NumpyArray('|b1', [2], Uint8Array.of(1, 0)),
  small: -7,
  prompt: 'pick up the cup',
  n: [1, -1, 300, 70000, 2 ** 40, -(2 ** 40), 1.5, null, true],
  image: new NumpyArray(
    '|u1',
    [2, 2, 3],
    Uint8Array.from({ length: 12 }, (_, i) => i),
  ),
}

test('what Python packs is read as it was meant', () => {
  expect(decodeMessage(ofPython)).toEqual(observation)
})

const arrays = fc
  .tuple(
    fc.constantFrom('<f4', '<f8', '|u1', '|i1', '<u2', '<i4', '<i8', '|b1', '<f2'),
    fc.array(fc.nat(3), { maxLength: 3 }),
  )
  .map(([dtype, shape]) => {
    const size = shape.reduce((product, n) => product * n, 1)
    const width = Number(dtype[2])
    return NumpyArray.fromBytes(dtype as NumpyArray['dtype'], shape, new Uint8Array(size * width).fill(7))
  })

const messages = fc.letrec<{ message: Message }>((tie) => ({
  message: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double(),
    fc.bigInt({ min: 2n ** 60n, max: 2n ** 64n - 1n }),
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.uint8Array({ maxLength: 300 }),
    arrays,
    fc.array(tie('message'), { maxLength: 20 }),
    fc.dictionary(fc.string({ unit: 'grapheme' }), tie('message'), { maxKeys: 20 }),
  ),
})).message

test('every message is read as it was written', () => {
  fc.assert(
    fc.property(messages, (message) => {
      expect(decodeMessage(encodeMessage(message))).toEqual(message)
    }),
    { seed: 18, numRuns: 300 },
  )
})

test('a long text, a long list and a large map are read as they were written', () => {
  const message = {
    text: 'ä'.repeat(70_000),
    list: Array.from({ length: 70_000 }, (_, i) => i % 100),
    map: Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`key${i}`, i])),
  }
  expect(decodeMessage(encodeMessage(message))).toEqual(message)
})

test('arrays are views of the message where they are aligned, and copies elsewhere', () => {
  const bytes = new Uint8Array(encodeMessage({ a: new NumpyArray('|u1', [4], Uint8Array.of(1, 2, 3, 4)) }))
  const { a } = decodeMessage(bytes) as { a: NumpyArray }
  expect(a.data.buffer).toBe(bytes.buffer)
})

const array = (fields: Record<string, Message>) => {
  const parts = Object.entries(fields).map(([key, value]) => {
    const name = Buffer.from(key)
    return Buffer.concat([Buffer.from([0xc4, name.length]), name, encodeMessage(value)])
  })
  return Buffer.concat([Buffer.from([0x80 + parts.length]), ...parts])
}
const sound = { __ndarray__: true, data: new Uint8Array(8), dtype: '<f4', shape: [2] }

describe('a message that is not sound is refused', () => {
  test.each([
    ['no bytes', Buffer.alloc(0), /cut short/],
    ['an array that is announced and missing', Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff]), /cut short/],
    ['a map of four thousand million keys', Buffer.from([0xdf, 0xff, 0xff, 0xff, 0xff, 0xa1]), /cut short/],
    ['a text longer than the message', Buffer.from([0xdb, 0x7f, 0xff, 0xff, 0xff, 0x61]), /cut short/],
    ['bytes after its end', Buffer.from([0xc0, 0xc0]), /1 bytes follow/],
    ['a text that is not UTF-8', Buffer.from([0xa2, 0xc3, 0x28]), /not UTF-8/],
    ['an extension', Buffer.from([0xd4, 0x01, 0x00]), /type 0xd4/],
    ['the type that is never used', Buffer.from([0xc1]), /type 0xc1/],
    ['a key that is a number', Buffer.from([0x81, 0x01, 0x01]), /no text/],
    ['a key that comes twice', Buffer.from([0x82, 0xa1, 0x61, 0x01, 0xa1, 0x61, 0x02]), /twice/],
    ['lists in lists in lists', Buffer.alloc(50, 0x91), /within each other/],
    [
      'a hundred thousand empty maps',
      Buffer.concat([Buffer.from([0xdd, 0, 2, 0, 0]), Buffer.alloc(131072, 0x80)]),
      /values/,
    ],
    ['an array of another dtype', array({ ...sound, dtype: '|O' }), /"\|O" are not taken/],
    ['an array of too few bytes', array({ ...sound, data: new Uint8Array(4) }), /holds 2 elements.* has 1/],
    ['an array of broken elements', array({ ...sound, data: new Uint8Array(7) }), /no whole number/],
    ['an array of negative shape', array({ ...sound, shape: [-1] }), /shape/],
    ['an array of a huge shape', array({ ...sound, shape: [2 ** 40, 2 ** 40] }), /holds/],
    ['an array whose data is a text', array({ ...sound, data: 'xx' }), /no byte string/],
    [
      'an array without a shape',
      array({ __ndarray__: true, data: new Uint8Array(8), dtype: '<f4' }),
      /neither/,
    ],
    ['an array with texts as keys', encodeMessage(sound), /byte strings/],
  ])('%s', (_, bytes, message) => {
    expect(() => decodeMessage(bytes)).toThrow(
      expect.objectContaining({ code: 'serve/message', message: expect.stringMatching(message) }),
    )
  })

  test('wherever it is cut', () => {
    for (let end = 0; end < ofPython.length; end++)
      expect(() => decodeMessage(ofPython.subarray(0, end)), `${end} bytes`).toThrow(
        expect.objectContaining({ code: 'serve/message' }),
      )
  })

  test('or is read, whatever bytes are changed, and nothing else happens', () => {
    const stream = random(18, 'bytes')
    for (let i = 0; i < 2000; i++) {
      const bytes = Buffer.from(ofPython)
      for (let n = 0; n < 1 + (i % 4); n++) bytes[stream.integer(bytes.length)] = stream.integer(256)
      try {
        decodeMessage(bytes)
      } catch (error) {
        expect(error).toMatchObject({ code: 'serve/message' })
      }
    }
  })
})

test('NaN and infinities are seen in arrays of every kind of number', () => {
  const of = (dtype: NumpyArray['dtype'], data: NumpyArray['data']) =>
    new NumpyArray(dtype, [data.length], data)
  expect(of('<f4', Float32Array.of(1, Number.NaN)).isFinite).toBe(false)
  expect(of('<f8', Float64Array.of(Number.NEGATIVE_INFINITY)).isFinite).toBe(false)
  expect(of('<f2', Uint16Array.of(0x3c00, 0x7c00)).isFinite).toBe(false)
  expect(of('<f2', Uint16Array.of(0x3c00, 0x7bff)).isFinite).toBe(true)
  expect(of('<i4', Int32Array.of(1)).isFinite).toBe(true)
})
