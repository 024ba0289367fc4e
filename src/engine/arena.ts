import { float32, type HostArray, hostArray } from '../core/index.ts'
import type { ArenaLayout } from './arena-layout.ts'
import { DeviceTensor } from './device-tensor.ts'
import type { Engine } from './engine.ts'
import type { Transfer } from './transfer.ts'

/**
 * One number for every parameter of a model: their values, their gradients, or a moment. Each group of the
 * layout is one flat vector, in which every parameter is a view.
 *
 * In host memory the vectors are `Float32Array`s that programs read and write in place. On a device that keeps
 * buffers they stay there; `read` brings them home and `write` sends them.
 */
export class Arena {
  readonly layout: ArenaLayout
  readonly #vectors: DeviceTensor[]
  readonly #views = new Map<string, DeviceTensor>()
  readonly #transfer: Transfer | undefined

  private constructor(layout: ArenaLayout, vectors: DeviceTensor[], transfer: Transfer | undefined) {
    this.layout = layout
    this.#vectors = vectors
    this.#transfer = transfer
  }

  /** An arena of zeros. */
  static async create(engine: Engine, layout: ArenaLayout): Promise<Arena> {
    const transfer = engine.keepsBuffers ? await engine.transfer() : undefined
    const vectors: DeviceTensor[] = []
    for (const { length } of layout) {
      const zeros = new Float32Array(new SharedArrayBuffer(4 * length))
      // No device has buffers of no bytes; nothing reads an empty group.
      vectors.push(transfer && length > 0 ? await transfer.upload(zeros) : vectorOf(zeros))
    }
    return new Arena(layout, vectors, transfer)
  }

  /** The vector of a group, on the device. */
  vector(group: number): DeviceTensor {
    return this.#vectors[group]!
  }

  /** Put a program's result in a vector's place, and free the old one; host memory stays, takes the values and frees the result. */
  replace(group: number, vector: DeviceTensor): void {
    const old = this.#vectors[group]!
    if (old === vector) return
    if (old.location === 'cpu') {
      this.#memory(group).set(vector.data as Float32Array)
      return
    }
    this.#vectors[group] = vector
    old.dispose()
  }

  /** In host memory only: a parameter as a view of its vector. */
  view(name: string): DeviceTensor {
    if (this.#views.size === 0) {
      this.layout.forEach(({ entries }, group) => {
        for (const { name, shape, offset, size } of entries) {
          const data = this.#memory(group).subarray(offset, offset + size)
          this.#views.set(name, DeviceTensor.over(hostArray('float32', shape, data)))
        }
      })
    }
    return this.#views.get(name)!
  }

  /** Every parameter by name, in host memory. They may be views of the arena: copy what must not change. */
  async read(): Promise<Map<string, HostArray<'float32'>>> {
    const found = new Map<string, HostArray<'float32'>>()
    for (const [group, { entries }] of this.layout.entries()) {
      const values = await this.#download(group)
      for (const { name, shape, offset, size } of entries) {
        found.set(name, hostArray('float32', shape, values.subarray(offset, offset + size)))
      }
    }
    return found
  }

  /** Set the named parameters; the others keep their values. */
  async write(values: ReadonlyMap<string, HostArray>): Promise<void> {
    for (const [group, { entries }] of this.layout.entries()) {
      const vector = await this.#download(group)
      for (const { name, offset } of entries) {
        const value = values.get(name)
        if (value) vector.set(value.data as Float32Array, offset)
      }
      if (this.#isOnDevice(group)) this.replace(group, await this.#transfer!.upload(vector))
    }
  }

  /** Set every element to zero. */
  async clear(): Promise<void> {
    for (const [group, vector] of this.#vectors.entries()) {
      if (this.#isOnDevice(group)) this.replace(group, await this.#transfer!.zerosLike(vector))
      else this.#memory(group).fill(0)
    }
  }

  #isOnDevice(group: number): boolean {
    return this.#vectors[group]!.location !== 'cpu'
  }

  /** The values of a group: its own memory if it lies in the host's, else a copy. */
  async #download(group: number): Promise<Float32Array> {
    return this.#isOnDevice(group) ? this.#transfer!.download(this.#vectors[group]!) : this.#memory(group)
  }

  #memory(group: number): Float32Array {
    return this.#vectors[group]!.data as Float32Array
  }
}

const vectorOf = (data: Float32Array): DeviceTensor => DeviceTensor.over(float32([data.length], data))
