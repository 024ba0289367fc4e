import type { Message, MessageMap } from './message.ts'
import { NumpyArray } from './numpy-array.ts'

/** Encode a message of openpi's protocol; see {@link decodeMessage}. Numbers that are not whole are sent as float64. */
export function encodeMessage(message: Message): Buffer {
  const writer = new Writer()
  writer.value(message)
  return writer.bytes
}

class Writer {
  #buffer = Buffer.allocUnsafe(1024)
  #at = 0

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#at)
  }

  value(value: Message): void {
    if (value === null) this.#byte(0xc0)
    else if (typeof value === 'boolean') this.#byte(value ? 0xc3 : 0xc2)
    else if (typeof value === 'number') this.#number(value)
    else if (typeof value === 'bigint') this.#bigint(value)
    else if (typeof value === 'string') this.#text(value)
    else if (value instanceof Uint8Array) this.#binary(value)
    else if (value instanceof NumpyArray) this.#numpy(value)
    else if (isList(value)) this.#list(value)
    else this.#map(value)
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
      this.#byte(0xcb)
      const at = this.#grow(8)
      this.#buffer.writeDoubleBE(value, at)
    } else if (value >= 0 && value < 0x80) this.#byte(value)
    else if (value < 0 && value >= -0x20) this.#byte(value + 0x100)
    else this.#bigint(BigInt(value))
  }

  #bigint(value: bigint): void {
    this.#byte(value < 0n ? 0xd3 : 0xcf)
    const at = this.#grow(8)
    if (value < 0n) this.#buffer.writeBigInt64BE(value, at)
    else this.#buffer.writeBigUInt64BE(value, at)
  }

  #text(value: string): void {
    const length = Buffer.byteLength(value)
    if (length < 32) this.#byte(0xa0 + length)
    else this.#length(0xd9, length)
    const at = this.#grow(length)
    this.#buffer.write(value, at)
  }

  #binary(value: Uint8Array): void {
    this.#length(0xc4, value.length)
    const at = this.#grow(value.length)
    this.#buffer.set(value, at)
  }

  #list(values: readonly Message[]): void {
    if (values.length < 16) this.#byte(0x90 + values.length)
    else this.#length32(0xdd, values.length)
    for (const value of values) this.value(value)
  }

  #map(map: MessageMap): void {
    const entries = Object.entries(map)
    if (entries.length < 16) this.#byte(0x80 + entries.length)
    else this.#length32(0xdf, entries.length)
    for (const [key, value] of entries) {
      this.#text(key)
      this.value(value)
    }
  }

  /** Map whose keys are byte strings: Python's side does not know an array by keys that are texts. */
  #numpy(array: NumpyArray): void {
    this.#byte(0x84)
    const fields: readonly (readonly [string, Message])[] = [
      ['__ndarray__', true],
      ['data', array.bytes],
      ['dtype', array.dtype],
      ['shape', array.shape],
    ]
    for (const [key, value] of fields) {
      this.#binary(Buffer.from(key))
      this.value(value)
    }
  }

  /** Type and length in 1, 2 or 4 bytes; the types follow each other. */
  #length(type: number, length: number): void {
    if (length < 0x100) {
      this.#byte(type)
      this.#byte(length)
    } else if (length < 0x10000) {
      this.#byte(type + 1)
      const at = this.#grow(2)
      this.#buffer.writeUInt16BE(length, at)
    } else this.#length32(type + 2, length)
  }

  #length32(type: number, length: number): void {
    this.#byte(type)
    const at = this.#grow(4)
    this.#buffer.writeUInt32BE(length, at)
  }

  #byte(value: number): void {
    const at = this.#grow(1)
    this.#buffer[at] = value
  }

  /** Place of the next `count` bytes, for which there is room then, perhaps in another buffer. */
  #grow(count: number): number {
    const at = this.#at
    this.#at += count
    if (this.#at > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#at, 2 * this.#buffer.length))
      this.#buffer.copy(larger, 0, 0, at)
      this.#buffer = larger
    }
    return at
  }
}

const isList = (value: readonly Message[] | MessageMap): value is readonly Message[] => Array.isArray(value)
