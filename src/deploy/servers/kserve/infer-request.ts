import type { IncomingMessage } from 'node:http'
import { z } from 'zod'
import { RequestError, sizeOf } from '../../../core/index.ts'
import { parseJson, requireForm } from '../http/body.ts'
import { components } from '../http/schemas.ts'
import { byteStrings, byteStringsOfJson } from './byte-strings.ts'
import { type Datatype, datatypes, valuesOfBytes, valuesOfJson } from './datatypes.ts'
import type { GivenTensor } from './models.ts'

/** Header with the length of the JSON before binary tensors, of Triton's extension. */
export const lengthHeader = 'inference-header-content-length'

const parameters = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))

/** Body of a request for inference. */
export const inferRequest = z
  .object({
    id: z.string().optional(),
    parameters: parameters.optional(),
    inputs: z
      .array(
        z.object({
          name: z.string(),
          shape: z.array(z.int().nonnegative()).max(8),
          datatype: z.enum(datatypes),
          parameters: parameters.optional(),
          data: z.array(z.unknown()).optional(),
        }),
      )
      .min(1)
      .max(64),
    outputs: z
      .array(z.object({ name: z.string(), parameters: parameters.optional() }))
      .max(64)
      .optional(),
  })
  .register(components, { id: 'InferRequest' })

type InferRequest = z.output<typeof inferRequest>

/** An output that a client asks for. */
export interface AskedOutput {
  readonly name: string
  readonly isBinary: boolean
}

/** A request for inference. */
export interface Inference {
  readonly id: string | undefined
  readonly tensors: ReadonlyMap<string, GivenTensor>
  /** Undefined for all outputs. */
  readonly outputs: readonly AskedOutput[] | undefined
  /** True where all outputs are asked for as binary data. */
  readonly isBinary: boolean
}

/**
 * Read a request for inference: JSON, behind which tensors may follow as binary data.
 * @throws RequestError `serve/request`, `serve/tensor`, `serve/media-type` for a compressed body.
 */
export function readInference({ headers }: IncomingMessage, body: Buffer): Inference {
  if (headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity')
    throw new RequestError('serve/media-type', 'compressed bodies are not taken')
  const length = jsonLength(headers[lengthHeader], body.length)
  const request = requireForm(inferRequest, parseJson(body.subarray(0, length)))
  const { id, inputs, outputs, parameters: settings } = request
  for (const { name, parameters: given = {} } of [...inputs, ...(outputs ?? [])])
    refuseOtherExtensions(name, given)
  return {
    id,
    tensors: tensorsOf(inputs, body.subarray(length)),
    outputs: outputs?.map(({ name, parameters: given }) => ({ name, isBinary: given?.binary_data === true })),
    isBinary: settings?.binary_data_output === true,
  }
}

function jsonLength(header: string | string[] | undefined, size: number): number {
  if (header === undefined) return size
  const length = Number(header)
  if (typeof header === 'string' && /^\d+$/.test(header) && length <= size) return length
  throw new RequestError('serve/request', `${lengthHeader} is ${header}, and the body has ${size} bytes`)
}

/** Parameters of Triton's other extensions, without which the request would mean something else. */
function refuseOtherExtensions(name: string, given: Readonly<Record<string, unknown>>): void {
  const other = Object.keys(given).find((key) => key.startsWith('shared_memory') || key === 'classification')
  if (other === undefined) return
  throw new RequestError(
    'serve/request',
    `tensor ${name} asks for ${other}, an extension that this server does not have`,
  )
}

function tensorsOf(inputs: InferRequest['inputs'], binary: Buffer): Map<string, GivenTensor> {
  const tensors = new Map<string, GivenTensor>()
  let at = 0
  for (const input of inputs) {
    const { name, parameters: given = {} } = input
    if (tensors.has(name)) throw refused(name, 'it comes twice')
    const size = given.binary_data_size
    if (size === undefined) tensors.set(name, ofJson(input))
    else {
      const end = at + Number(size)
      if (!Number.isSafeInteger(size) || Number(size) < 0 || end > binary.length)
        throw refused(name, `its binary_data_size is ${size}, and ${binary.length - at} bytes are left`)
      if (input.data !== undefined) throw refused(name, 'it has data in JSON and in binary')
      tensors.set(name, ofBytes(input, binary.subarray(at, end)))
      at = end
    }
  }
  if (at !== binary.length)
    throw new RequestError('serve/request', `${binary.length - at} bytes follow the last tensor`)
  return tensors
}

type Input = InferRequest['inputs'][number]

function ofJson({ name, shape, datatype, data }: Input): GivenTensor {
  if (data === undefined) throw refused(name, 'it has no data')
  if (datatype !== 'BYTES')
    return { name, shape, datatype, values: valuesOfJson(name, datatype as Datatype, data) }
  const elements = byteStringsOfJson(name, data)
  if (elements.length !== sizeOf(shape))
    throw refused(name, `shape [${shape}] has ${sizeOf(shape)} elements, ${elements.length} were sent`)
  return { name, shape, datatype, elements }
}

const ofBytes = ({ name, shape, datatype }: Input, bytes: Uint8Array): GivenTensor =>
  datatype === 'BYTES'
    ? { name, shape, datatype, elements: byteStrings(name, bytes, sizeOf(shape)) }
    : { name, shape, datatype, values: valuesOfBytes(name, datatype as Datatype, shape, bytes) }

const refused = (name: string, problem: string): RequestError =>
  new RequestError('serve/tensor', `tensor ${name}: ${problem}`, { name })
