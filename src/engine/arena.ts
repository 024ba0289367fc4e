import { Tensor as OrtTensor } from 'onnxruntime-node'
import { float32, type HostArray, hostArray, zeros } from '../core/index.ts'
import { input, symbolicPrimes } from '../graph/index.ts'
import type { ArenaLayout } from './arena-layout.ts'
import type { Engine } from './engine.ts'
import { type DeviceTensor, type Program, toHost } from './program.ts'

/**
 * One number for every parameter of a model: their values, their gradients, or a moment. Each group of the
 * layout is one flat vector, in which every parameter is a view.
 *
 * On the CPU the vectors are `Float32Array`s that programs read and write in place. On other devices they
 * are buffers that stay there; `read` brings them home and `write` sends them.
 */
export class Arena {
  readonly layout: ArenaLayout
  readonly #vectors: DeviceTensor[]
  readonly #views = new Map<string, DeviceTensor>()
  readonly #upload: Program | undefined

  private constructor(layout: ArenaLayout, vectors: DeviceTensor[], upload: Program | undefined) {
    this.layout = layout
    this.#vectors = vectors
    this.#upload = upload
  }

  /** An arena of zeros. */
  static async create(engine: Engine, layout: ArenaLayout): Promise<Arena> {
    const vectors = layout.map(({ length }) => vectorOf(new Float32Array(length)))
    if (engine.device === 'cpu') return new Arena(layout, vectors, undefined)
    const [prime] = symbolicPrimes
    const x = input('x', [prime])
    const upload = await engine.compile(
      { y: x },
      { onDevice: ['y'], symbolicSizes: [{ prime, name: 'length', input: x, axis: 0 }] },
    )
    const arena = new Arena(layout, vectors, upload)
    await arena.write(await arena.read())
    return arena
  }

  /** The vector of a group, on the device. */
  vector(group: number): DeviceTensor {
    return this.#vectors[group]!
  }

  /** Put a program's result in a vector's place. On the CPU results are written in place instead. */
  replace(group: number, vector: DeviceTensor): void {
    const old = this.#vectors[group]!
    if (old === vector) return
    this.#vectors[group] = vector
    old.dispose()
  }

  /** CPU only: elements [start, end) of a group's vector, sharing its memory. */
  part(group: number, start: number, end: number): DeviceTensor {
    return vectorOf(this.#memory(group).subarray(start, end))
  }

  /** CPU only: a parameter as a view of its vector. */
  view(name: string): DeviceTensor {
    if (this.#views.size === 0) {
      this.layout.forEach(({ entries }, group) => {
        for (const { name, shape, offset, size } of entries) {
          const data = this.#memory(group).subarray(offset, offset + size)
          this.#views.set(name, new OrtTensor('float32', data, shape))
        }
      })
    }
    return this.#views.get(name)!
  }

  /** Every parameter by name, in host memory. On the CPU these are views: copy what must not change. */
  async read(): Promise<Map<string, HostArray<'float32'>>> {
    const found = new Map<string, HostArray<'float32'>>()
    for (const [group, { entries }] of this.layout.entries()) {
      const values = await toHost(this.#vectors[group]!, 'float32')
      for (const { name, shape, offset, size } of entries) {
        found.set(name, hostArray('float32', shape, values.subarray(offset, offset + size)))
      }
    }
    return found
  }

  /** Set the named parameters; the others keep their values. */
  async write(values: ReadonlyMap<string, HostArray>): Promise<void> {
    for (const [group, { entries, length }] of this.layout.entries()) {
      const vector = this.#upload
        ? (await toHost(this.#vectors[group]!, 'float32')).slice()
        : this.#memory(group)
      for (const { name, offset } of entries) {
        const value = values.get(name)
        if (value) vector.set(value.data as Float32Array, offset)
      }
      if (this.#upload && length > 0) {
        this.replace(group, (await this.#upload.run({ x: float32([length], vector) })).y!)
      }
    }
  }

  /** Set every element to zero. */
  async clear(): Promise<void> {
    for (const [group, { length }] of this.layout.entries()) {
      if (!this.#upload) this.#memory(group).fill(0)
      else if (length > 0) this.replace(group, (await this.#upload.run({ x: zeros('float32', [length]) })).y!)
    }
  }

  #memory(group: number): Float32Array {
    return this.#vectors[group]!.data as Float32Array
  }
}

const vectorOf = (data: Float32Array): DeviceTensor => new OrtTensor('float32', data, [data.length])
