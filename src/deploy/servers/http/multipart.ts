import type { IncomingHttpHeaders } from 'node:http'
import { Busboy, type BusboyHeaders } from '@fastify/busboy'
import { RequestError } from '../../../core/index.ts'

/** Content of a form. */
export interface Form {
  /** Texts by the name of their field, in their order. */
  readonly fields: ReadonlyMap<string, readonly string[]>
  /** Files by the name of their field, in their order. */
  readonly files: ReadonlyMap<string, readonly Uint8Array[]>
}

/** Largest number of parts of a form. */
const mostParts = 2000

/**
 * Read a form as `multipart/form-data`.
 * @param body The whole body, whose size is bounded already.
 * @throws RequestError `serve/request` for a form that is cut short or has too many parts.
 */
export function readForm(headers: IncomingHttpHeaders, body: Uint8Array): Promise<Form> {
  const fields = new Map<string, string[]>()
  const files = new Map<string, Uint8Array[]>()
  return new Promise((resolve, reject) => {
    const refuse = (problem: string, cause?: unknown) =>
      reject(new RequestError('serve/request', `the form cannot be read: ${problem}`, {}, { cause }))
    try {
      const limits = { parts: mostParts, fieldSize: body.length + 1, fieldNameSize: 100 }
      const parser = new Busboy({ headers: headers as BusboyHeaders, limits })
      parser.on('field', (name, value) => add(fields, name, value))
      parser.on('file', (name, stream) => {
        const parts: Buffer[] = []
        stream.on('data', (part: Buffer) => parts.push(part))
        stream.on('error', (error: Error) => refuse(error.message, error)) // a file that is cut short
        stream.on('end', () => add(files, name, Buffer.concat(parts)))
      })
      parser.on('partsLimit', () => refuse(`it has more than ${mostParts} parts`))
      parser.on('error', (error) => refuse((error as Error).message, error))
      parser.on('finish', () => resolve({ fields, files }))
      parser.end(body)
    } catch (error) {
      refuse((error as Error).message, error)
    }
  })
}

function add<T>(map: Map<string, T[]>, name: string, value: T): void {
  const values = map.get(name)
  if (values) values.push(value)
  else map.set(name, [value])
}
