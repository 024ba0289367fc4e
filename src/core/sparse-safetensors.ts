import { z } from 'zod'
import { CheckpointError } from './errors.ts'
import { type HostArray, type Storage, zeros } from './host-array.ts'
import type { StoredArray } from './safetensors.ts'
import { type Shape, sizeOf } from './shape.ts'

/**
 * Sparse tensors of safetensors files. In place of a tensor `name` there are
 *
 *     name.values  [count]           its elements that are not zero, in row-major order
 *     name.mask    U8 [⌈size / 8⌉]   one bit an element, the lowest bit of a byte first: 1 for an element of `values`
 *
 * and the metadata has under `sparse_tensors` a JSON object from names to shapes. An element is zero where all of its bits are: minus
 * zero is among the values, so that what is read is what was written, bit by bit.
 */

/** Key of the metadata that lists sparse tensors. */
export const sparseKey = 'sparse_tensors'

/** Tensors of a file, and its metadata. */
export interface SparseContent {
  readonly tensors: ReadonlyMap<string, StoredArray>
  readonly metadata: Readonly<Record<string, string>>
}

/**
 * Store matrices sparse where that takes fewer bytes; the others stay as they are.
 * @param metadata Further metadata of the file.
 */
export function sparseContent(
  tensors: ReadonlyMap<string, StoredArray>,
  metadata: Readonly<Record<string, string>> = {},
): SparseContent {
  const stored = new Map<string, StoredArray>()
  const shapes: Record<string, Shape> = {}
  for (const [name, array] of tensors) {
    const parts = array.shape.length >= 2 ? partsOf(array) : undefined
    if (!parts) {
      stored.set(name, array)
      continue
    }
    shapes[name] = array.shape
    stored.set(`${name}.values`, parts.values)
    stored.set(`${name}.mask`, parts.mask)
  }
  const listed = Object.keys(shapes).length > 0 ? { [sparseKey]: JSON.stringify(shapes) } : {}
  return { tensors: stored, metadata: { ...metadata, ...listed } }
}

/** Values and mask of an array; undefined where they take as many bytes as the array or more. */
function partsOf(array: StoredArray): { readonly values: StoredArray; readonly mask: HostArray } | undefined {
  const bits = bitsOf(array.data)
  let count = 0
  for (let i = 0; i < bits.length; i++) if (bits[i] !== zeroOf(bits)) count++
  const bytes = Math.ceil(bits.length / 8)
  if (count * bits.BYTES_PER_ELEMENT + bytes >= array.data.byteLength) return undefined
  const mask = new Uint8Array(bytes)
  const data = new (array.data.constructor as { new (length: number): Storage[HostArray['dtype']] })(count)
  const kept = bitsOf(data)
  let place = 0
  for (let i = 0; i < bits.length; i++) {
    if (bits[i] === zeroOf(bits)) continue
    mask[i >> 3]! |= 1 << (i & 7)
    kept[place++] = bits[i]!
  }
  return {
    values: { dtype: array.dtype, shape: [count], data } as StoredArray,
    mask: { dtype: 'uint8', shape: [bytes], data: mask },
  }
}

type Bits = Uint8Array | Uint16Array | Uint32Array | BigUint64Array

/** The elements of an array as whole numbers of their bits. */
function bitsOf({ buffer, byteOffset, length, BYTES_PER_ELEMENT: bytes }: StoredArray['data']): Bits {
  if (bytes === 1) return new Uint8Array(buffer, byteOffset, length)
  if (bytes === 2) return new Uint16Array(buffer, byteOffset, length)
  return bytes === 4
    ? new Uint32Array(buffer, byteOffset, length)
    : new BigUint64Array(buffer, byteOffset, length)
}

const zeroOf = (bits: Bits): number | bigint => (bits instanceof BigUint64Array ? 0n : 0)

const shapesSchema = z.record(z.string(), z.array(z.int().nonnegative()))

/** Sparse tensors that a file's metadata lists. */
export interface SparseLayout {
  readonly shapes: ReadonlyMap<string, Shape>
  /** The tensor that one of the file belongs to: itself where it is no part of a sparse one. */
  ownerOf(name: string): string
}

/** @throws CheckpointError `checkpoint/sparse` for a list that cannot be read. */
export function sparseLayout(file: string, metadata: Readonly<Record<string, string>>): SparseLayout {
  const text = metadata[sparseKey]
  const shapes = new Map<string, Shape>(text === undefined ? [] : Object.entries(parsedShapes(file, text)))
  return {
    shapes,
    ownerOf: (name) => {
      const base = name.replace(/\.(values|mask)$/, '')
      return shapes.has(base) ? base : name
    },
  }
}

function parsedShapes(file: string, text: string): Record<string, Shape> {
  try {
    return shapesSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw damaged(file, `its list of sparse tensors is no JSON object from names to shapes`, {}, cause)
  }
}

/**
 * Put sparse tensors together: dense arrays under their names, in place of values and masks.
 * @throws CheckpointError `checkpoint/sparse` naming a tensor whose parts are missing or do not fit.
 */
export function withoutSparse(
  file: string,
  arrays: ReadonlyMap<string, HostArray>,
  { shapes, ownerOf }: SparseLayout,
): Map<string, HostArray> {
  const found = new Map<string, HostArray>()
  for (const [name, array] of arrays) {
    const owner = ownerOf(name)
    if (owner === name) found.set(name, array)
    else if (!found.has(owner)) found.set(owner, denseOf(file, owner, arrays, shapes.get(owner)!))
  }
  return found
}

function denseOf(
  file: string,
  name: string,
  arrays: ReadonlyMap<string, HostArray>,
  shape: Shape,
): HostArray {
  const [values, mask] = [arrays.get(`${name}.values`), arrays.get(`${name}.mask`)]
  const size = sizeOf(shape)
  if (!values || mask?.dtype !== 'uint8' || mask.data.length !== Math.ceil(size / 8))
    throw damaged(
      file,
      `of the sparse tensor "${name}" [${shape}] values or mask are missing, or too short`,
      {
        tensor: name,
      },
    )
  const dense = zeros(values.dtype, shape)
  const flags = mask.data as Uint8Array
  let place = 0
  for (let i = 0; i < size; i++) if ((flags[i >> 3]! >> (i & 7)) & 1) dense.data[i] = values.data[place++]!
  if (place === values.data.length) return dense
  throw damaged(
    file,
    `the mask of the sparse tensor "${name}" has ${place} ones for ${values.data.length} values`,
    {
      tensor: name,
    },
  )
}

const damaged = (
  file: string,
  problem: string,
  facts: Readonly<Record<string, unknown>> = {},
  cause?: unknown,
): CheckpointError =>
  new CheckpointError(
    'checkpoint/sparse',
    `${file} is damaged: ${problem}. Copy it again, or write it anew with compress`,
    { file, ...facts },
    { cause },
  )
