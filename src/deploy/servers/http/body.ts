import type { IncomingMessage } from 'node:http'
import type { z } from 'zod'
import { problemsOf, RequestError } from '../../../core/index.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Type of a request's body, in small letters and without its parameters. */
export const mediaType = ({ headers }: IncomingMessage): string =>
  (headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase()

/**
 * The body of a request. What is too large is not kept.
 * @param most Largest number of bytes.
 * @throws RequestError `serve/too-large`; `serve/slow` where the client ended it before it was whole.
 */
export function readBody(incoming: IncomingMessage, most: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let size = 0
    const refuse = () => {
      incoming.off('data', keep)
      incoming.resume() // what comes is dropped, so that the answer can be read
      reject(new RequestError('serve/too-large', `a request has at most ${most} bytes`, { most }))
    }
    const keep = (part: Buffer) => {
      size += part.length
      if (size > most) refuse()
      else parts.push(part)
    }
    if (Number(incoming.headers['content-length'] ?? 0) > most) return refuse()
    incoming.on('data', keep)
    incoming.on('end', () => resolve(Buffer.concat(parts)))
    const cut = () => reject(new RequestError('serve/slow', 'the request ended before it was whole'))
    incoming.on('error', cut)
    incoming.on('close', cut)
  })
}

/** JSON of a request's body. @throws RequestError `serve/request` for what is no JSON in UTF-8. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes))
  } catch (cause) {
    const message = `the body is no JSON in UTF-8: ${(cause as Error).message}`
    throw new RequestError('serve/request', message, {}, { cause })
  }
}

/** Check a request's content against its schema. @throws RequestError `serve/request` naming each problem. */
export function requireForm<S extends z.ZodType>(schema: S, content: unknown): z.output<S> {
  const parsed = schema.safeParse(content)
  if (parsed.success) return parsed.data
  const problems = problemsOf(parsed.error, () => undefined, content).slice(0, 20)
  throw new RequestError(
    'serve/request',
    `the request does not have the form asked for: ${problems.join('; ')}`,
    {
      problems,
    },
  )
}
