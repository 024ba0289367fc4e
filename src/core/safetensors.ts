import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { CheckpointError } from './errors.ts'
import { writeFileAtomic } from './files.ts'
import { type HostArray, zeros } from './host-array.ts'
import {
  cutShort,
  hostDTypes,
  metadataName,
  notSafetensors,
  parseSafetensorsHeader,
  requireReadable,
  type SafetensorsDType,
  type SafetensorsEntry,
  type SafetensorsHeader,
} from './safetensors-header.ts'
import type { Shape } from './shape.ts'
import { sparseLayout, withoutSparse } from './sparse-safetensors.ts'

/**
 * The safetensors file format (https://github.com/huggingface/safetensors), byte for byte as its Python library
 * writes it: 8 bytes with the length of the header, the header as JSON padded with spaces to a multiple of 8,
 * then the arrays, dense and little-endian, as are all machines that Node runs on.
 */

export type { SafetensorsDType, SafetensorsEntry, SafetensorsHeader } from './safetensors-header.ts'

/** The dtypes that are written, in the order of Python's library: wide ones first, so that all stay aligned. */
const writtenDTypes = [
  'I64',
  'F32',
  'I32',
  'BF16',
  'F16',
  'I8',
  'U8',
  'BOOL',
] as const satisfies SafetensorsDType[]

/** An array of a file: a host array, or the bits of a bfloat16 array, which memory has in float32. */
export type StoredArray =
  | HostArray
  | { readonly dtype: 'bfloat16'; readonly shape: Shape; readonly data: Uint16Array }

const storedDTypes = { ...hostDTypes, BF16: 'bfloat16' } as const

/** Python's library refuses longer headers. */
const maximumHeaderBytes = 100_000_000

/**
 * Names, dtypes and shapes of a file, without reading the arrays. The layout is checked: arrays follow each
 * other without gap or overlap and fill the file. Their dtypes may be such as cannot be read.
 * @throws CheckpointError `checkpoint/unreadable`, `checkpoint/not-safetensors`, `checkpoint/layout` or
 * `checkpoint/truncated`, naming file and tensor.
 */
export const readSafetensorsHeader = (file: string): SafetensorsHeader =>
  withFile(file, (handle) => readHeader(handle, file))

/**
 * Read arrays of a file one after the other, each straight into its own memory; sparse ones are dense in memory (see
 * `sparseContent`).
 * @param isWanted Choice of arrays by name, asked once for each; those left out may have any dtype. Default: all.
 * @throws CheckpointError as `readSafetensorsHeader` does; `checkpoint/dtype` for an array that is wanted and has a
 * dtype that cannot be read, `checkpoint/sparse` for a sparse one whose parts do not fit.
 */
export function readSafetensors(
  file: string,
  isWanted: (name: string) => boolean = () => true,
): {
  /** Arrays by name, in the order of the file. */
  tensors: Map<string, HostArray>
  /** Dtypes by name, as the file spells them. */
  dtypes: Map<string, string>
  metadata: Readonly<Record<string, string>>
} {
  return withFile(file, (handle) => {
    const header = readHeader(handle, file)
    const layout = sparseLayout(file, header.metadata)
    const stored = new Map<string, HostArray>()
    const dtypes = new Map<string, string>()
    const wanted = new Map<string, boolean>()
    for (const [name, entry] of header.tensors) {
      const owner = layout.ownerOf(name)
      const isOne = wanted.get(owner) ?? isWanted(owner)
      wanted.set(owner, isOne)
      if (!isOne) continue
      stored.set(name, readTensor(handle, file, name, entry))
      if (owner === name || name.endsWith('.values')) dtypes.set(owner, entry.dtype)
    }
    const tensors = layout.shapes.size > 0 ? withoutSparse(file, stored, layout) : stored
    return { tensors, dtypes, metadata: header.metadata }
  })
}

/**
 * The chunks of a file: its header, then a view (no copy) of each array; write them before the arrays change.
 *
 * Arrays are sorted by dtype and name as Python's library does, so the same arrays give the same bytes.
 * Metadata is sorted by key, where Python's order is random. PyTorch's files carry `{ format: 'pt' }`.
 * @throws CheckpointError `checkpoint/tensor-name` when a name occurs twice or is `__metadata__`.
 */
export function encodeSafetensors(
  tensors: Iterable<readonly [name: string, array: StoredArray]>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array[] {
  const sorted = Array.from(tensors, ([name, array]) => ({
    name,
    array,
    nameBytes: Buffer.from(name),
    rank: writtenDTypes.findIndex((dtype) => storedDTypes[dtype] === array.dtype),
  })).sort((a, b) => a.rank - b.rank || Buffer.compare(a.nameBytes, b.nameBytes))

  const fields = new Map<string, string>()
  let end = 0
  for (const { name, array, rank } of sorted) {
    if (fields.has(name) || name === metadataName) throw badName(name)
    const begin = end
    end += array.data.byteLength
    const entry = { dtype: writtenDTypes[rank], shape: array.shape, data_offsets: [begin, end] }
    fields.set(name, JSON.stringify(entry))
  }
  return [encodeHeader(fields, metadata), ...sorted.map(({ array }) => bytesOf(array.data))]
}

const badName = (tensor: string): CheckpointError =>
  new CheckpointError(
    'checkpoint/tensor-name',
    tensor === metadataName
      ? `no tensor can be called ${metadataName}: the file format keeps this name. Rename it.`
      : `two tensors are called "${tensor}". Rename one.`,
    { tensor },
  )

function encodeHeader(
  fields: ReadonlyMap<string, string>,
  metadata: Readonly<Record<string, string>> | undefined,
): Uint8Array {
  const pairs = Array.from(fields, ([name, value]) => `${JSON.stringify(name)}:${value}`)
  if (metadata) {
    pairs.unshift(`"${metadataName}":${JSON.stringify(metadata, Object.keys(metadata).sort())}`)
  }
  // Joined by hand, because an object would move names that look like numbers to the front.
  const text = Buffer.from(`{${pairs.join(',')}}`)
  const header = Buffer.alloc(8 + Math.ceil(text.length / 8) * 8, ' ')
  header.writeBigUInt64LE(BigInt(header.length - 8))
  text.copy(header, 8)
  return header
}

/**
 * Write a file so that a reader sees the old content or the new one, never a part. Holds no second copy of
 * the arrays.
 * @throws CheckpointError as `encodeSafetensors` does, before anything is written; FileError as `writeFileAtomic` does.
 */
export function writeSafetensors(
  file: string,
  tensors: Iterable<readonly [name: string, array: StoredArray]>,
  metadata?: Readonly<Record<string, string>>,
): void {
  writeFileAtomic(file, encodeSafetensors(tensors, metadata))
}

function withFile<T>(file: string, read: (handle: number) => T): T {
  let handle: number | undefined
  try {
    handle = openSync(file, 'r')
    return read(handle)
  } catch (cause) {
    if (cause instanceof CheckpointError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    const message = `cannot read ${file} (${reason}). Check the path, its permissions and the free memory.`
    throw new CheckpointError('checkpoint/unreadable', message, { file }, { cause })
  } finally {
    if (handle !== undefined) closeSync(handle)
  }
}

function readHeader(handle: number, file: string): SafetensorsHeader {
  const fileBytes = fstatSync(handle).size
  const prefix = Buffer.alloc(8)
  if (readAt(handle, prefix, 0) < 8) throw notSafetensors(file, `it has ${fileBytes} bytes only`)
  const headerBytes = Number(prefix.readBigUInt64LE())
  if (headerBytes > Math.min(fileBytes - 8, maximumHeaderBytes)) {
    const problem = `it announces a header of ${headerBytes} bytes but has ${fileBytes} in all`
    throw notSafetensors(file, problem)
  }
  const text = Buffer.alloc(headerBytes)
  readAt(handle, text, 8)
  return parseSafetensorsHeader(file, text, 8 + headerBytes, fileBytes)
}

function readTensor(handle: number, file: string, name: string, entry: SafetensorsEntry): HostArray {
  const dtype = requireReadable(file, name, entry.dtype)
  const array = zeros(hostDTypes[dtype], entry.shape)
  // BF16 goes into the upper half of the memory, from where it can be widened in place, front to back.
  const bytes = bytesOf(array.data).subarray(array.data.byteLength - entry.byteLength)
  const count = readAt(handle, bytes, entry.offset)
  if (count < bytes.length) throw cutShort(file, name, entry.offset + bytes.length, entry.offset + count)
  if (dtype === 'BF16') widenBfloat16(array.data.buffer)
  return array
}

/** bfloat16 is the upper half of float32. Moved as bits, because numbers would lose the payload of a NaN. */
function widenBfloat16(buffer: ArrayBufferLike): void {
  const wide = new Uint32Array(buffer)
  const narrow = new Uint16Array(buffer).subarray(wide.length)
  for (let i = 0; i < wide.length; i++) wide[i] = narrow[i]! << 16
}

/** Fill `bytes` from `position`. Returns the number of bytes read, fewer only where the file ends. */
function readAt(handle: number, bytes: Uint8Array, position: number): number {
  const mostAtOnce = 2 ** 30 // the system reads less than 2 GiB at a time
  let filled = 0
  while (filled < bytes.length) {
    const length = Math.min(bytes.length - filled, mostAtOnce)
    const count = readSync(handle, bytes, filled, length, position + filled)
    if (count === 0) break
    filled += count
  }
  return filled
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)
