import { z } from 'zod'
import { CheckpointError } from './errors.ts'
import { bytesPerElement, type DType } from './host-array.ts'
import { type Shape, sizeOf } from './shape.ts'

/** The dtypes that can be read, each with its dtype in memory. BF16 is widened, which is exact. */
export const hostDTypes = {
  I64: 'int64',
  F32: 'float32',
  I32: 'int32',
  BF16: 'float32',
  F16: 'float16',
  I8: 'int8',
  U8: 'uint8',
  BOOL: 'bool',
} as const satisfies Record<string, DType>

/** Element types as safetensors files spell them. */
export type SafetensorsDType = keyof typeof hostDTypes

/** Bits of an element of the other dtypes that Python's library knows. They can lie in a file, but cannot be read. */
const unreadableBits: Readonly<Record<string, number>> = {
  F64: 64,
  I16: 16,
  U16: 16,
  U32: 32,
  U64: 64,
  C64: 64,
  F8_E4M3: 8,
  F8_E5M2: 8,
  F8_E8M0: 8,
  F6_E2M3: 6,
  F6_E3M2: 6,
  F4: 4,
}

/** Place of an array in its file. */
export interface SafetensorsEntry {
  /** Element type as the file spells it; one of {@link SafetensorsDType} where the array can be read. */
  readonly dtype: string
  readonly shape: Shape
  /** First byte, counted from the start of the file. */
  readonly offset: number
  readonly byteLength: number
}

/** Content of a safetensors file, without the arrays. */
export interface SafetensorsHeader {
  /** Free text of the writer; `{ format: 'pt' }` in files of PyTorch. Empty when the file has none. */
  readonly metadata: Readonly<Record<string, string>>
  /** Entries by name, in the order of the file. */
  readonly tensors: ReadonlyMap<string, SafetensorsEntry>
}

/** A name that the header keeps for itself. */
export const metadataName = '__metadata__'

/**
 * Parse the JSON `text` of the header of `file` and check the whole layout: the arrays begin at `dataStart`,
 * follow each other without gap or overlap, and fill the `fileBytes` of the file exactly.
 */
export function parseSafetensorsHeader(
  file: string,
  text: Uint8Array,
  dataStart: number,
  fileBytes: number,
): SafetensorsHeader {
  const { [metadataName]: metadata = {}, ...entries } = parseObject(file, text)
  if (!isMetadata(metadata)) throw notSafetensors(file, 'its metadata is not an object of strings')
  const tensors = Object.entries(entries).map(
    ([name, entry]) => [name, parseEntry(file, name, entry, dataStart)] as const,
  )
  tensors.sort(([, a], [, b]) => a.offset - b.offset || a.byteLength - b.byteLength)
  checkLayout(file, tensors, dataStart, fileBytes)
  return { metadata, tensors: new Map(tensors) }
}

function parseObject(file: string, text: Uint8Array): Record<string, unknown> {
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text))
  } catch (cause) {
    throw notSafetensors(file, 'its header is not JSON', { cause })
  }
  if (!isObject(header)) throw notSafetensors(file, 'its header is not an object')
  return header
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isMetadata = (value: unknown): value is Record<string, string> =>
  isObject(value) && Object.values(value).every((text) => typeof text === 'string')

const natural = z.int().nonnegative()

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(natural),
  data_offsets: z.tuple([natural, natural]),
})

function parseEntry(file: string, name: string, value: unknown, dataStart: number): SafetensorsEntry {
  const parsed = entrySchema.safeParse(value)
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!
    const field = path.length > 0 ? path.join('.') : 'entry'
    throw notSafetensors(file, `the ${field} of tensor "${name}" is wrong (${message})`, { tensor: name })
  }
  const { dtype, shape, data_offsets } = parsed.data
  const [begin, end] = data_offsets
  const byteLength = bytesOf(dtype, sizeOf(shape)) ?? Math.max(end - begin, 0)
  if (end - begin !== byteLength) {
    throw badLayout(file, name, `of shape [${shape}] needs ${byteLength} bytes and has ${end - begin}`)
  }
  return { dtype, shape, offset: dataStart + begin, byteLength }
}

/** Size of an array of `count` elements; undefined for a dtype that is not known. */
function bytesOf(dtype: string, count: number): number | undefined {
  if (dtype === 'BF16') return 2 * count
  if (isSafetensorsDType(dtype)) return count * bytesPerElement(hostDTypes[dtype])
  return Object.hasOwn(unreadableBits, dtype) ? Math.ceil((count * unreadableBits[dtype]!) / 8) : undefined
}

/** Require that an array can be read. @throws CheckpointError `checkpoint/dtype` naming the tensor. */
export function requireReadable(file: string, name: string, dtype: string): SafetensorsDType {
  if (isSafetensorsDType(dtype)) return dtype
  throw new CheckpointError(
    'checkpoint/dtype',
    `${file}: tensor "${name}" has dtype ${dtype}, which cannot be read here. ` +
      `Convert it in Python to one of ${Object.keys(hostDTypes).join(', ')}.`,
    { file, tensor: name, dtype },
  )
}

const isSafetensorsDType = (dtype: string): dtype is SafetensorsDType => Object.hasOwn(hostDTypes, dtype)

function checkLayout(
  file: string,
  tensors: readonly (readonly [string, SafetensorsEntry])[],
  dataStart: number,
  fileBytes: number,
): void {
  let end = dataStart
  for (const [name, { offset, byteLength }] of tensors) {
    if (offset < end) throw badLayout(file, name, `overlaps the one before it by ${end - offset} bytes`)
    if (offset > end) throw badLayout(file, name, `leaves a gap of ${offset - end} bytes before it`)
    end = offset + byteLength
    if (end > fileBytes) throw cutShort(file, name, end, fileBytes)
  }
  if (end < fileBytes) throw notSafetensors(file, `${fileBytes - end} bytes follow its last tensor`)
}

/** The file does not begin as a safetensors file does. */
export function notSafetensors(
  file: string,
  problem: string,
  { tensor, cause }: { tensor?: string; cause?: unknown } = {},
): CheckpointError {
  return new CheckpointError(
    'checkpoint/not-safetensors',
    `${file} is not a sound safetensors file: ${problem}. Copy or download it again, ` +
      'or save it anew in Python with safetensors.torch.save_file.',
    { file, ...(tensor !== undefined && { tensor }) },
    { cause },
  )
}

/** The file ends before the data of `tensor` does. */
export const cutShort = (file: string, tensor: string, needed: number, fileBytes: number): CheckpointError =>
  new CheckpointError(
    'checkpoint/truncated',
    `${file} is cut short: tensor "${tensor}" ends at byte ${needed}, the file at ${fileBytes}. ` +
      'Copy or download it again.',
    { file, tensor, needed, fileBytes },
  )

const badLayout = (file: string, tensor: string, problem: string): CheckpointError =>
  new CheckpointError(
    'checkpoint/layout',
    `${file} is damaged: tensor "${tensor}" ${problem}. Copy or download it again.`,
    { file, tensor },
  )
