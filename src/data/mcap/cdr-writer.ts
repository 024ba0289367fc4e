/** Head of a message in CDR, little endian. */
const head = Buffer.from([0, 1, 0, 0])

/**
 * Writer of a message in CDR, as ROS 2 stores it: every number stands at a multiple of its size, counted behind the head. Source:
 * OMG DDSI-RTPS 2.3, section 10. `@foxglove/rosmsg2-serialization` cuts texts that are not ASCII.
 */
export class CdrWriter {
  readonly #parts: Uint8Array[] = [head]
  #length = 0

  #add(bytes: Uint8Array): this {
    this.#parts.push(bytes)
    this.#length += bytes.length
    return this
  }

  #align(size: number): this {
    return this.#add(Buffer.alloc((size - (this.#length % size)) % size))
  }

  int32(value: number): this {
    const bytes = Buffer.alloc(4)
    bytes.writeInt32LE(value)
    return this.#align(4).#add(bytes)
  }

  uint32(value: number): this {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32LE(value)
    return this.#align(4).#add(bytes)
  }

  /** A text: its bytes in UTF-8, counted with the zero that ends it. */
  text(value: string): this {
    const bytes = Buffer.from(`${value}\0`, 'utf8')
    return this.uint32(bytes.length).#add(bytes)
  }

  /** A sequence of bytes. */
  bytes(value: Uint8Array): this {
    return this.uint32(value.length).#add(value)
  }

  /** A sequence of float64. */
  float64s(values: readonly number[]): this {
    this.uint32(values.length)
    if (values.length === 0) return this
    const bytes = Buffer.alloc(8 * values.length)
    for (const [i, value] of values.entries()) bytes.writeDoubleLE(value, 8 * i)
    return this.#align(8).#add(bytes)
  }

  finish(): Uint8Array {
    return Buffer.concat(this.#parts)
  }
}
