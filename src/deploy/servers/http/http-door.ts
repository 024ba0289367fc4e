import { createReadStream } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { pipeline } from 'node:stream'
import { RequestError } from '../../../core/index.ts'
import type { Authorization } from '../authorization.ts'
import type { Serving } from '../serving.ts'
import { type AnsweredError, answeredError, retryAfter } from '../status.ts'
import { type Reply, type Route, Router } from './route.ts'

/** Routes of a server behind its token: every request is answered, and every error told in the manner of its path. */
export class HttpDoor {
  readonly #router: Router
  readonly #authorization: Authorization
  readonly #serving: Serving

  constructor(routes: readonly Route[], authorization: Authorization, serving: Serving) {
    this.#router = new Router(routes)
    this.#authorization = authorization
    this.#serving = serving
  }

  async answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { metrics } = this.#serving
    const start = performance.now()
    const path = pathOf(incoming)
    let place = 'none'
    let reply: Reply
    try {
      const { route, params } = this.#route(incoming.method ?? '', path)
      place = route.path
      if (!route.isOpen) this.#authorization.require(incoming.headers)
      reply = await route.answer({ incoming, params })
    } catch (error) {
      this.#serving.tell(error)
      reply = errorReply(answeredError(error), path)
    }
    metrics.requests.add({ route: place, status: String(reply.status) })
    metrics.seconds.observe((performance.now() - start) / 1000, { route: place })
    send(response, reply, incoming.method === 'HEAD')
  }

  #route(method: string, path: string) {
    const found = this.#router.find(method, path)
    if ('route' in found) return found
    const { allowed } = found
    if (allowed.length === 0)
      throw new RequestError(
        'serve/not-found',
        `there is nothing at ${path.slice(0, 200)}; /openapi.json lists all`,
      )
    throw new RequestError(
      'serve/method',
      `${path.slice(0, 200)} takes ${allowed.join(', ')}, not ${method}`,
      { allowed },
    )
  }
}

/** Path of a request without its query. */
const pathOf = ({ url = '/' }: IncomingMessage): string => url.split('?', 1)[0]!

/** An error in the form of its protocol: that of KServe is a text, ours has a code. */
export function errorReply(answered: AnsweredError, path: string): Reply {
  const { status, code, message, facts } = answered
  const seconds = retryAfter(answered)
  const allowed = facts.allowed
  const error = /^\/v2(\/|$)/.test(path) ? `[${code}] ${message}` : { code, message, facts }
  return {
    status,
    body: JSON.stringify({ error }),
    headers: {
      ...(seconds !== undefined && { 'retry-after': String(seconds) }),
      ...(status === 401 && { 'www-authenticate': 'Bearer' }),
      ...(status === 405 && Array.isArray(allowed) && { allow: allowed.join(', ') }),
    },
  }
}

function send(response: ServerResponse, { status, type, body, headers }: Reply, isHead: boolean): void {
  if (response.destroyed) return
  const isFile = typeof body === 'object' && 'file' in body
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  response.writeHead(status, {
    'content-type': type ?? 'application/json',
    'content-length': isFile ? body.bytes : (bytes as Uint8Array).length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  })
  if (isHead || (isFile && body.bytes === 0)) response.end()
  else if (isFile) pipeline(createReadStream(body.file, { end: body.bytes - 1 }), response, () => {})
  else response.end(bytes)
}

/** Status and code of what is no request, or does not arrive, by the code of Node's error. */
const broken: Readonly<Record<string, readonly [status: string, code: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'serve/slow'],
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'serve/too-large'],
}

/** Answer bytes that are no request, or that come too slowly, and close. @returns Code of the error. */
export function answerBroken(error: NodeJS.ErrnoException, socket: Socket): string {
  const [status, code] = broken[error.code ?? ''] ?? ['400 Bad Request', 'serve/request']
  if (!socket.writable) return code
  const body = JSON.stringify({
    error: { code, message: `the request cannot be read: ${error.message}`, facts: {} },
  })
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` +
      `connection: close\r\n\r\n${body}`,
  )
  return code
}
