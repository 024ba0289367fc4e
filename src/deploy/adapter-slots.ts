import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { CheckpointError, float32, type HostArray, writeFileAtomic, zeros } from '../core/index.ts'
import type { Program } from '../engine/index.ts'
import {
  type AdapterOptions,
  adapterScale,
  addAdapters,
  buildModel,
  type Families,
  type Model,
} from '../models/index.ts'
import { type Module, namedParameters } from '../nn/index.ts'
import { type Adapter, fingerprintsOf, pathsOf, requireFingerprints, requireShapes } from './adapter.ts'
import { parseFile, readJson } from './json-file.ts'
import type { Weights } from './weights.ts'

/** Room for adapters in the ONNX files of a bundle: the largest rank, and the linear maps that may be adapted. */
export type SlotOptions = Pick<AdapterOptions, 'rank' | 'targetModules'>

/** File of a bundle with room for adapters. */
export const slotsFile = 'adapter_slots.json'

/** Give a model adapters that are inputs of its graphs; the scale of an adapter is taken into what is fed. */
export const addSlots = <M extends Module>(model: M, { rank, targetModules }: SlotOptions): M =>
  addAdapters(model, { rank, targetModules, alpha: rank, dropout: 0, useRslora: false })

const schema = z.object({
  rank: z.int().positive(),
  /** Linear maps with room, by path: the shape of their weight, and its fingerprint. */
  maps: z.record(z.string(), z.object({ shape: z.array(z.number()), fingerprint: z.string() })),
})

/** Write what the runtime needs to know of a bundle's room for adapters. */
export function writeSlots(
  directory: string,
  { config }: Model,
  weights: Weights,
  slots: SlotOptions,
  families?: Families,
): void {
  const paths = pathsOf(namedParameters(addSlots(buildModel(config, { families }), slots)))
  const fingerprints = fingerprintsOf(weights, paths)
  const maps = paths.map((path) => {
    const { shape } = weights.get(`${path}.weight`)!
    return [path, { shape, fingerprint: fingerprints[path] }] as const
  })
  const content = { rank: slots.rank, maps: Object.fromEntries(maps) }
  writeFileAtomic(join(directory, slotsFile), `${JSON.stringify(content, undefined, 2)}\n`)
}

/** The adapter of a model whose graphs take one as inputs. */
export class AdapterSlots {
  readonly #directory: string
  readonly #rank: number
  readonly #maps: z.output<typeof schema>['maps']
  #feeds: ReadonlyMap<string, HostArray> | undefined

  private constructor(directory: string, { rank, maps }: z.output<typeof schema>) {
    this.#directory = directory
    this.#rank = rank
    this.#maps = maps
  }

  /** The room for adapters of a bundle; undefined where it has none. @throws CheckpointError `bundle/adapter`. */
  static read(directory: string): AdapterSlots | undefined {
    const file = join(directory, slotsFile)
    if (!existsSync(file)) return undefined
    return new AdapterSlots(directory, parseFile(schema, readJson(file), file, 'bundle/adapter'))
  }

  /**
   * Use an adapter from the next run on, or none.
   * @throws CheckpointError `bundle/adapter` for one that the room is too small for, or of another base.
   */
  use(adapter: Adapter | undefined, where: string): void {
    if (!adapter) {
      if (this.#feeds) this.#feeds = new Map()
      return
    }
    const { rank } = adapter.options
    if (rank > this.#rank)
      throw this.#tooSmall(where, `has rank ${rank}, and there is room for ${this.#rank}`)
    const paths = pathsOf(adapter.weights)
    const foreign = paths.find((path) => !Object.hasOwn(this.#maps, path))
    if (foreign !== undefined) throw this.#tooSmall(where, `changes ${foreign}, for which there is no room`)
    requireShapes(adapter, paths, (path) => this.#maps[path]?.shape, where)
    const known = Object.entries(this.#maps).map(([path, { fingerprint }]) => [path, fingerprint] as const)
    requireFingerprints(adapter, Object.fromEntries(known), where)
    const scale = adapterScale(adapter.options)
    this.#feeds = new Map(
      [...adapter.weights].map(([name, array]) => [name, padded(name, array, this.#rank, scale)]),
    )
  }

  /** Feeds of a program: nothing before the first adapter; then every adapter, zeros for those that are not used. */
  feedsOf({ optionalInputs }: Pick<Program, 'optionalInputs'>): Record<string, HostArray> {
    const feeds = this.#feeds
    if (!feeds) return {}
    return Object.fromEntries(
      optionalInputs.map(({ name, shape }) => [name, feeds.get(name) ?? zeros('float32', shape.map(Number))]),
    )
  }

  #tooSmall(where: string, problem: string): CheckpointError {
    const message = `the adapter ${where} ${problem} in ${this.#directory}. Export the bundle again with --adapter-slots`
    return new CheckpointError('bundle/adapter', message, { adapter: where, bundle: this.#directory })
  }
}

/** A or scale·B at a larger rank: further rows of A, or columns of B, are zero. */
function padded(name: string, { shape, data }: HostArray<'float32'>, rank: number, scale: number): HostArray {
  const [rows, columns] = shape as readonly [number, number]
  if (name.endsWith('.lora_a.weight')) {
    const a = new Float32Array(rank * columns)
    a.set(data)
    return float32([rank, columns], a)
  }
  const b = new Float32Array(rows * rank)
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < columns; k++) b[i * rank + k] = scale * data[i * columns + k]!
  return float32([rows, rank], b)
}
