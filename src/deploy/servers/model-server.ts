import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { ConfigError, RequestError, version } from '../../core/index.ts'
import { type Authorization, requireOwnOrigin } from './authorization.ts'
import { type Demo, demoRoutes } from './http/demo-routes.ts'
import { healthRoutes } from './http/health-routes.ts'
import { answerBroken, errorReply, HttpDoor } from './http/http-door.ts'
import { modelRoutes } from './http/model-routes.ts'
import { openapi } from './http/openapi.ts'
import { json, type Route } from './http/route.ts'
import { kserveRoutes } from './kserve/routes.ts'
import { OpenpiConnection } from './openpi/connection.ts'
import type { OpenpiPolicy } from './openpi/openpi-policy.ts'
import type { SearchIndex } from './search-index.ts'
import type { ServerOptions } from './server-options.ts'
import type { Serving } from './serving.ts'
import { answeredError } from './status.ts'

/** A server at work. */
export interface RunningServer {
  /** Address for HTTP, such as `http://127.0.0.1:8000`. */
  readonly url: string
  /** Finish what was taken, take no more, and end. */
  stop(): Promise<void>
}

/** Doors of a server, and who may pass. */
export interface Doors {
  readonly authorization: Authorization
  /** Undefined for a model that is no policy. */
  readonly openpi: OpenpiPolicy | undefined
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | undefined
  readonly index: SearchIndex | undefined
  readonly demo: Demo | undefined
}

/** A server that listens: HTTP and websockets on one port. */
export class ModelServer implements RunningServer {
  readonly #serving: Serving
  readonly #authorization: Authorization
  readonly #openpi: OpenpiPolicy | undefined
  readonly #server: Server
  readonly #scheme: string
  readonly #sockets = new Set<Socket>()
  readonly #connections = new Set<OpenpiConnection>()
  readonly #websockets: WebSocketServer

  constructor(serving: Serving, { authorization, openpi, tls, index, demo }: Doors) {
    this.#serving = serving
    this.#authorization = authorization
    this.#openpi = openpi
    const { arrival, connections, requestBytes } = serving.limits
    const settings = {
      requestTimeout: arrival,
      headersTimeout: Math.ceil(arrival / 3),
      connectionsCheckingInterval: Math.min(1000, Math.ceil(arrival / 3)),
    }
    this.#server = tls ? createSecureServer({ ...settings, ...tls }) : createServer(settings)
    this.#scheme = tls ? 'https' : 'http'
    this.#server.maxConnections = connections
    this.#websockets = new WebSocketServer({
      noServer: true,
      maxPayload: requestBytes,
      perMessageDeflate: false,
    })
    this.#attach(new HttpDoor(this.#routes(index, demo), authorization, serving))
  }

  get url(): string {
    const { address, family, port } = this.#server.address() as AddressInfo
    return `${this.#scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`
  }

  listen({ host = '127.0.0.1', port = 8000 }: ServerOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (cause: NodeJS.ErrnoException) => {
        const message = `cannot serve on ${host} at port ${port}: ${cause.message}. Take another, or 0 for one that is free`
        reject(new ConfigError('config/port', message, { host, port }, { cause }))
      })
      this.#server.listen(port, host, resolve)
    })
  }

  async stop(): Promise<void> {
    const { grace } = this.#serving.limits
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeIdleConnections()
    const finished = Promise.all([...this.#connections].map((connection) => connection.stop()))
    await this.#serving.model.pool.stop(grace)
    await finished
    const idle = setInterval(() => this.#server.closeIdleConnections(), 20)
    const timer = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy()
    }, 1000)
    await closed
    clearInterval(idle)
    clearTimeout(timer)
  }

  #routes(index: SearchIndex | undefined, demo: Demo | undefined): readonly Route[] {
    const routes = [
      ...healthRoutes(this.#serving, () => this.#sockets.size),
      ...modelRoutes(this.#serving, index),
      ...kserveRoutes(this.#serving),
    ]
    const document: Route = { method: 'GET', path: '/openapi.json', answer: () => json(described) }
    const all = [...routes, document]
    const described = openapi(all, version())
    return demo ? [...all, ...demoRoutes(demo)] : all
  }

  #attach(door: HttpDoor): void {
    const server = this.#server
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    server.on('request', (incoming, response) => {
      door.answer(incoming, response).catch((error: unknown) => {
        this.#serving.tell(error)
        response.destroy()
      })
    })
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      const code = answerBroken(error, socket as Socket)
      this.#serving.metrics.errors.add({ code })
    })
    server.on('upgrade', (incoming, socket, head) => this.#upgrade(incoming, socket as Socket, head))
  }

  #upgrade(incoming: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    const openpi = this.#openpi
    try {
      requireOwnOrigin(incoming.headers)
      this.#authorization.require(incoming.headers)
      if (openpi === undefined || !this.#serving.model.pool.isReady) throw notNow(openpi === undefined)
    } catch (error) {
      this.#serving.tell(error)
      refuseUpgrade(socket, error)
      return
    }
    this.#websockets.handleUpgrade(incoming, socket, head, (websocket: WebSocket) => {
      const connection = new OpenpiConnection(websocket, this.#serving, openpi!)
      this.#connections.add(connection)
      websocket.on('close', () => this.#connections.delete(connection))
    })
  }
}

const notNow = (isNoPolicy: boolean): RequestError =>
  isNoPolicy
    ? new RequestError('serve/not-found', 'this server has no policy: openpi clients find nothing here')
    : new RequestError(
        'serve/stopping',
        'the server has no instance of the model at the moment. Try again later',
      )

/** Answer a request for a websocket that it does not get. */
function refuseUpgrade(socket: Socket, error: unknown): void {
  const answered = answeredError(error)
  const { status, body, headers } = errorReply(answered, '/')
  const lines = Object.entries({ ...headers, 'content-type': 'application/json', connection: 'close' })
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const length = Buffer.byteLength(body as string)
  socket.end(`HTTP/1.1 ${status} ${answered.code}\r\n${head}content-length: ${length}\r\n\r\n${body}`)
}
