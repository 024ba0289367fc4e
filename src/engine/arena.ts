import { float32, type HostArray, hostArray } from '../core/index.ts'
import type { ArenaEntry, ArenaLayout } from './arena-layout.ts'
import { memoryOf, type Stretch } from './arena-memory.ts'
import { DeviceTensor } from './device-tensor.ts'
import type { Engine } from './engine.ts'
import type { Transfer } from './transfer.ts'

/**
 * One number for every parameter of a model: their values, their gradients, or a moment. Each group of the
 * layout is one flat vector, in which every parameter is a view.
 *
 * In host memory the vectors lie in WebAssembly memory that all threads share: programs and loops read and write them
 * in place. On a device that keeps buffers they stay there; `read` brings them home and `write` sends them.
 */
export class Arena {
  readonly layout: ArenaLayout
  /** Parts in host memory. A group is in more than one stretch when a memory has no room for it. */
  readonly #stretches: readonly (readonly Stretch[])[]
  /** Buffers on the device; undefined where a group is in host memory. */
  readonly #buffers: (DeviceTensor | undefined)[]
  readonly #vectors = new Map<number, DeviceTensor>()
  readonly #views = new Map<string, DeviceTensor>()
  readonly #transfer: Transfer | undefined

  private constructor(
    layout: ArenaLayout,
    stretches: readonly (readonly Stretch[])[],
    buffers: (DeviceTensor | undefined)[],
    transfer: Transfer | undefined,
  ) {
    this.layout = layout
    this.#stretches = stretches
    this.#buffers = buffers
    this.#transfer = transfer
  }

  /** An arena of zeros. Arenas that are computed with together share a layout, and so their memory. */
  static async create(engine: Engine, layout: ArenaLayout): Promise<Arena> {
    if (!engine.keepsBuffers) return new Arena(layout, memoryOf(layout).allocate(), [], undefined)
    const transfer = await engine.transfer()
    const buffers: (DeviceTensor | undefined)[] = []
    for (const { length } of layout) {
      // No device has buffers of no bytes; nothing reads an empty group.
      buffers.push(length > 0 ? await transfer.upload(new Float32Array(length)) : undefined)
    }
    return new Arena(
      layout,
      layout.map(() => []),
      buffers,
      transfer,
    )
  }

  /** The vector of a group, on the device: where it is, or a copy of one that lies in several memories. */
  vector(group: number): DeviceTensor {
    const buffer = this.#buffers[group]
    if (buffer) return buffer
    const stretches = this.#stretches[group]!
    if (stretches.length > 1) return tensorOver(this.#joined(group))
    const known = this.#vectors.get(group) ?? tensorOver(stretches[0]?.data ?? new Float32Array(0))
    this.#vectors.set(group, known)
    return known
  }

  /** Parts of a group's vector, in order; in host memory only. */
  stretches(group: number): readonly Stretch[] {
    return this.#stretches[group]!
  }

  /** Put a program's result in a vector's place, and free the old one; host memory stays and takes the values. */
  replace(group: number, vector: DeviceTensor): void {
    const old = this.#buffers[group]
    if (old === vector) return
    if (!old) {
      this.#set(group, 0, vector.data as Float32Array)
      return
    }
    this.#buffers[group] = vector
    old.dispose()
  }

  /** A parameter as a view of its vector; in host memory only. */
  view(name: string): DeviceTensor {
    if (this.#views.size === 0) {
      this.layout.forEach(({ entries }, group) => {
        for (const entry of entries) {
          const data = this.#dataOf(group, entry)
          this.#views.set(entry.name, DeviceTensor.over(hostArray('float32', entry.shape, data)))
        }
      })
    }
    return this.#views.get(name)!
  }

  /** Every parameter by name, in host memory. They may be views of the arena: copy what must not change. */
  async read(): Promise<Map<string, HostArray<'float32'>>> {
    const found = new Map<string, HostArray<'float32'>>()
    for (const [group, { entries }] of this.layout.entries()) {
      const buffer = this.#buffers[group]
      const home = buffer && (await this.#transfer!.download(buffer))
      for (const entry of entries) {
        const { name, shape, offset, size } = entry
        const data = home ? home.subarray(offset, offset + size) : this.#dataOf(group, entry)
        found.set(name, hostArray('float32', shape, data))
      }
    }
    return found
  }

  /** Set the named parameters; the others keep their values. */
  async write(values: ReadonlyMap<string, HostArray>): Promise<void> {
    for (const [group, { entries }] of this.layout.entries()) {
      const buffer = this.#buffers[group]
      const home = buffer && (await this.#transfer!.download(buffer))
      for (const { name, offset } of entries) {
        const value = values.get(name)
        if (!value) continue
        if (home) home.set(value.data as Float32Array, offset)
        else this.#set(group, offset, value.data as Float32Array)
      }
      if (home) this.replace(group, await this.#transfer!.upload(home))
    }
  }

  /** Set every element to zero. */
  async clear(): Promise<void> {
    for (const [group, buffer] of this.#buffers.entries()) {
      if (buffer) this.replace(group, await this.#transfer!.zerosLike(buffer))
    }
    for (const { data } of this.#stretches.flat()) data.fill(0)
  }

  /** A parameter in host memory: it never lies in two stretches. */
  #dataOf(group: number, { offset, size }: ArenaEntry): Float32Array {
    const stretch = this.#stretches[group]!.find((part) => offset + size <= part.offset + part.length)
    if (!stretch) return new Float32Array(size)
    return stretch.data.subarray(offset - stretch.offset, offset - stretch.offset + size)
  }

  #set(group: number, offset: number, values: Float32Array): void {
    for (const stretch of this.#stretches[group]!) {
      const from = Math.max(offset, stretch.offset)
      const to = Math.min(offset + values.length, stretch.offset + stretch.length)
      if (from < to) stretch.data.set(values.subarray(from - offset, to - offset), from - stretch.offset)
    }
  }

  #joined(group: number): Float32Array {
    const whole = new Float32Array(this.layout[group]!.length)
    for (const { offset, data } of this.#stretches[group]!) whole.set(data, offset)
    return whole
  }
}

const tensorOver = (data: Float32Array): DeviceTensor => DeviceTensor.over(float32([data.length], data))
