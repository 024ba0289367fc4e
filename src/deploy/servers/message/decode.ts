import { RequestError } from '../../../core/index.ts'
import type { Message, MessageMap } from './message.ts'
import { isNumpyType, NumpyArray } from './numpy-array.ts'

/** Largest depth of maps and arrays within each other. */
const mostDepth = 16

/** Largest number of values in a message; NumPy's arrays count once. A byte of msgpack may become an object of 50. */
const mostValues = 100_000

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Decode a message of openpi's protocol: msgpack, in which a map with the byte strings `__ndarray__`, `data`, `dtype` and
 * `shape` as keys is an array of NumPy, and one with `__npgeneric__` is a scalar of it. Nothing is executed, and no length
 * is believed that goes beyond the bytes.
 * @throws RequestError `serve/message` naming what is wrong and the byte where.
 */
export function decodeMessage(bytes: Uint8Array): Message {
  const reader = new Reader(bytes)
  const message = reader.value(0)
  if (reader.at !== bytes.length) throw refused(`${bytes.length - reader.at} bytes follow its end`, reader.at)
  return message
}

const refused = (problem: string, at: number): RequestError =>
  new RequestError('serve/message', `the message is no sound msgpack: ${problem} (byte ${at})`, { byte: at })

/** Key of a map: a text, or a byte string as NumPy's arrays have. */
type Key = { readonly text: string } | { readonly bytes: string }

class Reader {
  at = 0
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #values = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) // also of a Buffer, which has its own slice
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  value(depth: number): Message {
    if (depth > mostDepth) throw refused(`more than ${mostDepth} maps and arrays within each other`, this.at)
    if (++this.#values > mostValues) throw refused(`more than ${mostValues} values`, this.at)
    const type = this.#view.getUint8(this.#take(1))
    if (type < 0x80) return type
    if (type < 0x90) return this.#map(type & 0x0f, depth)
    if (type < 0xa0) return this.#array(type & 0x0f, depth)
    if (type < 0xc0) return this.#text(type & 0x1f)
    if (type >= 0xe0) return type - 0x100
    return this.#typed(type, depth)
  }

  #typed(type: number, depth: number): Message {
    const view = this.#view
    if (type === 0xc0) return null
    if (type === 0xc2 || type === 0xc3) return type === 0xc3
    if (type >= 0xc4 && type <= 0xc6) return this.#slice(this.#length(type - 0xc4))
    if (type === 0xca) return view.getFloat32(this.#take(4))
    if (type === 0xcb) return view.getFloat64(this.#take(8))
    if (type >= 0xcc && type <= 0xce) return this.#length(type - 0xcc)
    if (type === 0xcf) return exact(view.getBigUint64(this.#take(8)))
    if (type === 0xd0) return view.getInt8(this.#take(1))
    if (type === 0xd1) return view.getInt16(this.#take(2))
    if (type === 0xd2) return view.getInt32(this.#take(4))
    if (type === 0xd3) return exact(view.getBigInt64(this.#take(8)))
    if (type >= 0xd9 && type <= 0xdb) return this.#text(this.#length(type - 0xd9))
    if (type === 0xdc || type === 0xdd) return this.#array(this.#length(type - 0xdb), depth)
    if (type === 0xde || type === 0xdf) return this.#map(this.#length(type - 0xdd), depth)
    throw refused(`type 0x${type.toString(16)} is none that is taken`, this.at - 1)
  }

  /** An unsigned number of 1, 2 or 4 bytes. @param power 0, 1 or 2. */
  #length(power: number): number {
    const at = this.#take(1 << power)
    if (power === 0) return this.#view.getUint8(at)
    return power === 1 ? this.#view.getUint16(at) : this.#view.getUint32(at)
  }

  /** Place of the next `count` bytes, behind which the reader goes on. */
  #take(count: number): number {
    const { at } = this
    if (at + count > this.#bytes.length)
      throw refused(`it is cut short, ${count} bytes are needed and ${this.#bytes.length - at} left`, at)
    this.at += count
    return at
  }

  #slice(length: number): Uint8Array {
    const at = this.#take(length)
    return this.#bytes.subarray(at, at + length)
  }

  #text(length: number): string {
    const { at } = this
    const bytes = this.#slice(length)
    try {
      return utf8.decode(bytes)
    } catch {
      throw refused('a text is not UTF-8', at)
    }
  }

  #array(length: number, depth: number): readonly Message[] {
    this.#requireRoom(length)
    return Array.from({ length }, () => this.value(depth + 1))
  }

  #map(length: number, depth: number): Message {
    const { at } = this
    this.#requireRoom(2 * length)
    const [texts, ofNumpy] = [new Map<string, Message>(), new Map<string, Message>()]
    for (let i = 0; i < length; i++) {
      const key = this.#key()
      const [map, name] = 'text' in key ? [texts, key.text] : [ofNumpy, key.bytes]
      if (map.has(name)) throw refused(`the key ${JSON.stringify(name.slice(0, 40))} comes twice`, this.at)
      map.set(name, this.value(depth + 1))
    }
    if (ofNumpy.size === 0) return asMap(texts, at)
    if (texts.size > 0) throw refused('a map has keys of texts and of bytes', at)
    return fromNumpy(ofNumpy, at)
  }

  #key(): Key {
    const { at } = this
    const key = this.value(mostDepth)
    if (typeof key === 'string') return { text: key }
    if (key instanceof Uint8Array && key.length < 64) return { bytes: Buffer.from(key).toString('latin1') }
    throw refused('a key of a map is no text', at)
  }

  /** Refuse lengths of more values than there are bytes. */
  #requireRoom(values: number): void {
    const left = this.#bytes.length - this.at
    if (values > left)
      throw refused(`it is cut short, ${values} values are announced and ${left} bytes left`, this.at)
  }
}

function asMap(entries: ReadonlyMap<string, Message>, at: number): MessageMap {
  if (entries.has('__ndarray__') || entries.has('__npgeneric__'))
    throw refused('the keys of an array of NumPy are texts, they must be byte strings (msgpack bin)', at)
  return Object.fromEntries(entries)
}

const exact = (value: bigint): number | bigint => {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** Value of a map whose keys are byte strings. */
function fromNumpy(map: ReadonlyMap<string, Message>, at: number): Message {
  const [data, dtype, shape] = ['data', 'dtype', 'shape'].map((key) => map.get(key))
  if (map.get('__npgeneric__') === true && map.size === 3) return scalar(data, dtype, at)
  if (map.get('__ndarray__') !== true || map.size !== 4)
    throw refused('a map with keys of bytes is neither an array nor a scalar of NumPy', at)
  if (typeof dtype !== 'string' || !isNumpyType(dtype))
    throw refused(`arrays of ${JSON.stringify(dtype ?? null)} are not taken`, at)
  const isShape = Array.isArray(shape) && shape.length <= 8 && shape.every(isSize)
  if (!isShape) throw refused('the shape of an array is no list of up to 8 sizes', at)
  if (!(data instanceof Uint8Array)) throw refused('the data of an array is no byte string', at)
  return NumpyArray.fromBytes(dtype, shape, data)
}

const isSize = (size: unknown): size is number => Number.isSafeInteger(size) && (size as number) >= 0

/** Scalar of NumPy as the number, truth value or text that it is. */
function scalar(data: Message | undefined, dtype: Message | undefined, at: number): Message {
  const isPlain = ['number', 'bigint', 'boolean', 'string'].includes(typeof data)
  if (typeof dtype !== 'string' || !isPlain) throw refused('a scalar of NumPy is no number and no text', at)
  return data as number | bigint | boolean | string
}
