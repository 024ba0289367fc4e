import { createHash } from 'node:crypto'
import { CheckpointError, float32, type HostArray, type Shape, sameShape } from '../core/index.ts'
import { type AdapterOptions, adapterScale, isAdapter } from '../models/index.ts'
import type { Weights } from './weights.ts'

/** Low-rank adapters of a model with their weights. */
export interface Adapter {
  readonly options: AdapterOptions
  /** A and B by the names of their parameters: `<path>.lora_a.weight` [rank, inputs], `<path>.lora_b.weight` [outputs, rank]. */
  readonly weights: Weights
  /** Folder or name of the base, as the adapter's files name it. */
  readonly baseName?: string | undefined
  /** Fingerprints of the base's weights. Files that Python wrote have none. */
  readonly base?: Fingerprints | undefined
}

/** The adapters of a run, with the weights of its base. */
export interface TrainedAdapter extends Adapter {
  readonly baseWeights: Weights
}

/** Paths of the linear maps that have an A. */
export const pathsOf = (weights: ReadonlyMap<string, unknown>): string[] =>
  [...weights.keys()].flatMap((name) => {
    const path = name.replace(/\.lora_a\.weight$/, '')
    return path === name ? [] : [path]
  })

/** Split weights of a model with adapters into those of its base and those of the adapters. */
export function splitAdapters(all: Weights): { base: Weights; adapters: Weights } {
  return {
    base: new Map([...all].filter(([name]) => !isAdapter(name))),
    adapters: new Map([...all].filter(([name]) => isAdapter(name))),
  }
}

/** Fingerprints of the weights that adapters change, by the path of the linear map: SHA-256 of the numbers. */
export type Fingerprints = Readonly<Record<string, string>>

/** Fingerprints of a base's linear maps. */
export function fingerprintsOf(base: Weights, paths: readonly string[]): Fingerprints {
  const hashes = paths.map((path) => {
    const { buffer, byteOffset, byteLength } = base.get(`${path}.weight`)!.data
    const hash = createHash('sha256').update(new Uint8Array(buffer, byteOffset, byteLength))
    return [path, hash.digest('hex').slice(0, 32)] as const
  })
  return Object.fromEntries(hashes)
}

/**
 * Require that adapters belong to a base.
 * @throws CheckpointError `bundle/adapter` naming the linear map that is missing or of another shape, or for another
 * base of the same shapes.
 */
export function requireAdapterFits(adapter: Adapter, base: Weights, where: string): void {
  const paths = pathsOf(adapter.weights)
  requireShapes(adapter, paths, (path) => base.get(`${path}.weight`)?.shape, where)
  requireFingerprints(adapter, fingerprintsOf(base, paths), where)
}

/** Require that the linear maps that adapters change have these shapes; undefined for one that is not there. */
export function requireShapes(
  { weights, baseName }: Adapter,
  paths: readonly string[],
  shapeOf: (path: string) => Shape | undefined,
  where: string,
): void {
  for (const path of paths) {
    const [a, b] = ['a', 'b'].map((part) => weights.get(`${path}.lora_${part}.weight`)?.shape)
    const changed = [b?.[0] ?? 0, a?.[1] ?? 0]
    const shape = shapeOf(path)
    if (shape && sameShape(shape, changed)) continue
    const found = shape ? `is [${shape}] there` : 'is not there'
    throw misfit(where, `it changes "${path}.weight" [${changed}], which ${found}`, baseName)
  }
}

/** Require that adapters were trained on weights with these fingerprints, as far as they know theirs. */
export function requireFingerprints(
  { base = {}, baseName }: Adapter,
  found: Fingerprints,
  where: string,
): void {
  const other = Object.keys(base).find((path) => found[path] !== base[path])
  if (other !== undefined) throw misfit(where, `"${other}.weight" has other values there`, baseName)
}

function misfit(where: string, problem: string, baseName: string | undefined): CheckpointError {
  const trained = baseName === undefined ? '' : ` It was trained on ${baseName}`
  return new CheckpointError(
    'bundle/adapter',
    `the adapter ${where} is of another base: ${problem}.${trained}`,
    {
      adapter: where,
      base: baseName,
    },
  )
}

/** The base's weights with the adapters in them: W + scale·B·A. Weights without an adapter are the same arrays. */
export function mergeAdapters(base: Weights, adapters: Weights, options: AdapterOptions): Weights {
  const scale = adapterScale(options)
  const merged = new Map(base)
  for (const path of pathsOf(adapters)) {
    const [a, b] = [adapters.get(`${path}.lora_a.weight`)!, adapters.get(`${path}.lora_b.weight`)!]
    const { shape, data } = base.get(`${path}.weight`)!
    merged.set(`${path}.weight`, float32(shape, plusProduct(data, b, a, scale)))
  }
  return merged
}

/** w + scale·B·A, row by row in float64. */
function plusProduct(
  w: Float32Array,
  { shape: [outputs, rank], data: b }: HostArray<'float32'>,
  { shape: [, inputs], data: a }: HostArray<'float32'>,
  scale: number,
): Float32Array {
  const [rows, middle, width] = [outputs!, rank!, inputs!]
  const sum = Float32Array.from(w)
  const row = new Float64Array(width)
  for (let i = 0; i < rows; i++) {
    row.fill(0)
    for (let k = 0; k < middle; k++) {
      const factor = scale * b[i * middle + k]!
      for (let j = 0; j < width; j++) row[j]! += factor * a[k * width + j]!
    }
    for (let j = 0; j < width; j++) sum[i * width + j]! += row[j]!
  }
  return sum
}
