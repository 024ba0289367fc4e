import { float32, type HostArray, hostArray } from '../core/index.ts'
import type { ArenaEntry, ArenaLayout } from './arena-layout.ts'
import { type ArenaMemory, memoryOf, type Stretch } from './arena-memory.ts'
import { DeviceTensor } from './device-tensor.ts'
import type { Engine } from './engine.ts'
import type { Transfer } from './transfer.ts'

/** Options of `Arena.create`. */
export interface ArenaOptions {
  /** Indices of the groups that the arena has. Default: all. */
  readonly groups?: readonly number[]
  /** Arena that stands for this one where programs read the groups that it does not have. Default: none. */
  readonly rest?: Arena
}

/**
 * One number for every parameter of a model, or of some of its groups: their values, their gradients, or a moment. Each
 * group of the layout is one flat vector, in which every parameter is a view.
 *
 * In host memory the vectors lie in WebAssembly memory that all threads share: programs and loops read and write them
 * in place. On a device that keeps buffers they stay there; `read` brings them home and `write` sends them.
 */
export class Arena {
  readonly layout: ArenaLayout
  readonly #groups = new Set<number>()
  /** Memory, and the arena's number in it, on the host. */
  readonly #memory: ArenaMemory | undefined
  readonly #number: number
  /** Parts in host memory. A group is in more than one stretch when a memory has no room for it. */
  readonly #stretches: (readonly Stretch[])[]
  /** Buffers on the device; undefined where a group is in host memory. */
  readonly #buffers: (DeviceTensor | undefined)[] = []
  readonly #vectors = new Map<number, DeviceTensor>()
  readonly #views = new Map<string, DeviceTensor>()
  readonly #transfer: Transfer | undefined
  readonly #rest: Arena | undefined

  private constructor(layout: ArenaLayout, transfer: Transfer | undefined, rest: Arena | undefined) {
    this.layout = layout
    this.#memory = transfer ? undefined : memoryOf(layout)
    this.#number = this.#memory?.claim() ?? 0
    this.#stretches = layout.map(() => [])
    this.#transfer = transfer
    this.#rest = rest
  }

  /** An arena of zeros. Arenas that are computed with together share a layout, and so their memory. */
  static async create(
    engine: Engine,
    layout: ArenaLayout,
    { groups = [...layout.keys()], rest }: ArenaOptions = {},
  ): Promise<Arena> {
    const arena = new Arena(layout, engine.keepsBuffers ? await engine.transfer() : undefined, rest)
    for (const group of groups) await arena.add(group)
    return arena
  }

  /** Tell if the arena has a group of the layout. */
  has(group: number): boolean {
    return this.#groups.has(group)
  }

  /** Add a group that the arena does not have, filled with zeros. */
  async add(group: number): Promise<void> {
    if (this.#groups.has(group)) return
    const { length } = this.layout[group]!
    if (this.#memory) this.#stretches[group] = this.#memory.room(this.#number, group)
    // No device has buffers of no bytes; nothing reads an empty group.
    else if (length > 0) this.#buffers[group] = await this.#transfer!.upload(new Float32Array(length))
    this.#groups.add(group)
    this.#views.clear()
  }

  /** The parameters that the arena has, group after group. */
  get entries(): readonly ArenaEntry[] {
    return this.layout.flatMap(({ entries }, group) => (this.has(group) ? entries : []))
  }

  /** The vector of a group, on the device: where it is, or a copy of one that lies in several memories. */
  vector(group: number): DeviceTensor {
    if (this.#rest && !this.has(group)) return this.#rest.vector(group)
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
      for (const [group, entry] of this.#placed()) {
        const data = this.#dataOf(group, entry)
        this.#views.set(entry.name, DeviceTensor.over(hostArray('float32', entry.shape, data)))
      }
    }
    return (this.#views.get(name) ?? this.#rest?.view(name))!
  }

  /** Every parameter of the arena by name, in host memory. They may be views of it: copy what must not change. */
  async read(): Promise<Map<string, HostArray<'float32'>>> {
    const found = new Map<string, HostArray<'float32'>>()
    const homes = new Map<number, Float32Array>()
    for (const [group, buffer] of this.#buffers.entries())
      if (buffer) homes.set(group, await this.#transfer!.download(buffer))
    for (const [group, entry] of this.#placed()) {
      const { name, shape, offset, size } = entry
      const data = homes.get(group)?.subarray(offset, offset + size) ?? this.#dataOf(group, entry)
      found.set(name, hostArray('float32', shape, data))
    }
    return found
  }

  /** Set the named parameters; the others keep their values. */
  async write(values: ReadonlyMap<string, HostArray>): Promise<void> {
    for (const group of this.#groups) {
      const { entries } = this.layout[group]!
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

  /** Change the vectors where they are, or on a device copies of them, which are sent back. */
  async changeVectors(change: (vector: Float32Array) => Promise<void>): Promise<void> {
    for (const { data } of this.#stretches.flat()) await change(data)
    for (const [group, buffer] of this.#buffers.entries()) {
      if (!buffer) continue
      const home = await this.#transfer!.download(buffer)
      await change(home)
      this.replace(group, await this.#transfer!.upload(home))
    }
  }

  /** Set every element to zero. */
  async clear(): Promise<void> {
    for (const [group, buffer] of this.#buffers.entries()) {
      if (buffer) this.replace(group, await this.#transfer!.zerosLike(buffer))
    }
    for (const { data } of this.#stretches.flat()) data.fill(0)
  }

  *#placed(): Generator<[group: number, entry: ArenaEntry]> {
    for (const [group, { entries }] of this.layout.entries()) {
      if (this.has(group)) for (const entry of entries) yield [group, entry]
    }
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
