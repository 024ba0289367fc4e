import { type Random, random } from '../../src/core/index.ts'
import { encodeMessage, type Message, NumpyArray } from '../../src/deploy/servers/index.ts'
import { observationOf } from '../support/served.ts'

/** A request for HTTP that is wrong in some way. */
export interface MalformedRequest {
  readonly what: string
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | undefined
}

/** A frame for openpi's protocol that is wrong in some way. */
export interface MalformedFrame {
  readonly what: string
  readonly frame: Uint8Array | string
}

const pick = <T>(stream: Random, values: readonly T[]): T => values[stream.integer(values.length)]!
const bytesOf = (stream: Random, length: number) => Uint8Array.from({ length }, () => stream.integer(256))

/** Values that a field of an observation or a request must not have. */
const wrongValues = (stream: Random): Message =>
  pick<() => Message>(stream, [
    () => null,
    () => -1,
    () => Number.NaN,
    () => '?'.repeat(stream.integer(300)),
    () => bytesOf(stream, stream.integer(200)),
    () => [1, 'two', [3]],
    () => ({ nested: { nested: 1 } }),
    () => NumpyArray.float32([1], [Number.POSITIVE_INFINITY]),
    () => new NumpyArray('|u1', [0, 0, 3], new Uint8Array()),
    () => new NumpyArray('|u1', [5, 5], new Uint8Array(25)),
    () => new NumpyArray('|u1', [1, 9999, 3], new Uint8Array(3 * 9999)),
    () => new NumpyArray('<i8', [1, 1, 3], new BigInt64Array(3)),
  ])()

/** A wrong frame. @param seed Another for each. */
export function malformedFrame(seed: number): MalformedFrame {
  const stream = random(seed, 'frame')
  const sound = encodeMessage(observationOf(seed, 'pick up the red cup', 4))
  const kinds: readonly (readonly [string, () => Uint8Array | string])[] = [
    ['cut', () => sound.subarray(0, stream.integer(sound.length))],
    ['noise', () => bytesOf(stream, stream.integer(400))],
    [
      'huge length',
      () => Uint8Array.of(pick(stream, [0xc6, 0xdb, 0xdd, 0xdf]), 0xff, 0xff, 0xff, 0xff, 0x61),
    ],
    ['bad UTF-8', () => Uint8Array.of(0x81, 0xa1, 0x61, 0xa3, 0xff, 0xfe, 0xfd)],
    ['text frame', () => 'pick up the cup'],
    ['no map', () => encodeMessage(pick<Message>(stream, [[1, 2], 'text', 7, null]))],
    [
      'wrong image',
      () => encodeMessage({ prompt: 'pick up the cup', 'observation/image': wrongValues(stream) }),
    ],
    ['wrong command', () => encodeMessage({ ...observationOf(seed, '', 4), prompt: wrongValues(stream) })],
    [
      'NaN in the state',
      () => encodeMessage({ ...observationOf(seed), state: NumpyArray.float32([2], [1, Number.NaN]) }),
    ],
    ['changed bytes', () => changed(stream, Uint8Array.from(sound))],
  ]
  const [what, make] = kinds[seed % kinds.length]!
  return { what, frame: make() }
}

/** Bytes of which some are others; it may still be sound. */
function changed(stream: Random, bytes: Uint8Array): Uint8Array {
  for (let i = 0; i < 3; i++) bytes[stream.integer(bytes.length)] = stream.integer(256)
  return bytes
}

const json = { 'content-type': 'application/json' }

/** A wrong request for a policy's server. @param seed Another for each. */
export function malformedRequest(seed: number): MalformedRequest {
  const stream = random(seed, 'request')
  const post = (path: string, body: unknown, headers: Readonly<Record<string, string>> = json) => ({
    method: 'POST',
    path,
    headers,
    body: body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body)),
  })
  const rgb = Buffer.from(bytesOf(stream, 3 * 16)).toString('base64')
  const tensor = (more: object) => ({
    inputs: [
      { name: 'pixel_values', datatype: 'FP32', shape: [1, 3, 32, 32], data: [1], ...more },
      { name: 'input_ids', datatype: 'INT64', shape: [1, 16], data: new Array(16).fill(1) },
    ],
  })
  const kinds: readonly (readonly [string, () => Omit<MalformedRequest, 'what'>])[] = [
    ['cut JSON', () => post('/v1/act', Buffer.from('{"image": {"base64": "aGVs'))],
    ['bad UTF-8', () => post('/v1/act', Uint8Array.of(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d))],
    ['noise', () => post('/v1/act', bytesOf(stream, stream.integer(300)))],
    ['deep JSON', () => post('/v1/act', Buffer.from('['.repeat(20_000)))],
    [
      'no image',
      () =>
        post('/v1/act', {
          image: { base64: Buffer.from(bytesOf(stream, 40)).toString('base64') },
          command: 'pick up the cup',
        }),
    ],
    [
      'wrong size',
      () => post('/v1/act', { image: { width: 4, height: 5, rgb }, command: 'pick up the cup' }),
    ],
    [
      'bomb',
      () => post('/v1/act', { image: { width: 20_000, height: 20_000, rgb }, command: 'pick up the cup' }),
    ],
    [
      'unknown keys',
      () =>
        post('/v1/act', {
          image: { width: 4, height: 4, rgb },
          command: 'up',
          ['k'.repeat(stream.integer(50) + 1)]: 1,
        }),
    ],
    [
      'cut form',
      () =>
        post(
          '/v1/act',
          Buffer.from('--b\r\ncontent-disposition: form-data; name="image"; filename="a"\r\n\r\nxx'),
          { 'content-type': 'multipart/form-data; boundary=b' },
        ),
    ],
    [
      'form without boundary',
      () => post('/v1/act', bytesOf(stream, 50), { 'content-type': 'multipart/form-data' }),
    ],
    [
      'other type',
      () =>
        post('/v1/act', bytesOf(stream, 50), {
          'content-type': pick(stream, ['text/xml', 'application/x-pickle', 'x']),
        }),
    ],
    ['few numbers', () => post('/v2/models/model/infer', tensor({}))],
    [
      'wrong dtype',
      () =>
        post('/v2/models/model/infer', tensor({ datatype: pick(stream, ['INT8', 'BYTES', 'FP16', 'BOOL']) })),
    ],
    [
      'wrong shape',
      () =>
        post(
          '/v2/models/model/infer',
          tensor({ shape: pick(stream, [[], [3], [1e9, 1e9], [-1, 3, 32, 32], [1, 3, 32, 33]]) }),
        ),
    ],
    ['text for numbers', () => post('/v2/models/model/infer', tensor({ data: ['NaN', null, {}] }))],
    [
      'binary beyond the body',
      () =>
        post('/v2/models/model/infer', tensor({ data: undefined, parameters: { binary_data_size: 1e12 } })),
    ],
    [
      'length of the JSON beyond it',
      () =>
        post('/v2/models/model/infer', tensor({}), {
          ...json,
          'inference-header-content-length': '99999999',
        }),
    ],
    [
      'no such path',
      () => ({
        method: 'GET',
        path: `/${Buffer.from(bytesOf(stream, 8)).toString('hex')}`,
        headers: {},
        body: undefined,
      }),
    ],
    [
      'other method',
      () => ({
        method: pick(stream, ['DELETE', 'PUT', 'PATCH']),
        path: '/v1/act',
        headers: {},
        body: undefined,
      }),
    ],
  ]
  const [what, make] = kinds[seed % kinds.length]!
  return { what, ...make() }
}

/** Bytes for a port that are no request of HTTP, in parts. @param seed Another for each. */
export function malformedBytes(seed: number): Uint8Array {
  const stream = random(seed, 'bytes')
  return pick<() => Uint8Array>(stream, [
    () => bytesOf(stream, 1 + stream.integer(200)),
    () => Buffer.from('GET / HTTP/9.9\r\n\r\n'),
    () => Buffer.from(`GET / HTTP/1.1\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`),
    () => Buffer.from('POST /v1/act HTTP/1.1\r\nhost: x\r\ncontent-length: -5\r\n\r\n'),
    () => Buffer.from('POST /v1/act HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'),
    () => Buffer.from('GET / HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n'),
    () => Buffer.from('\r\n'.repeat(10)),
  ])()
}
