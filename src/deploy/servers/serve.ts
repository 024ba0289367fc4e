import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { basename, resolve } from 'node:path'
import { type WebSocket, WebSocketServer } from 'ws'
import { CheckpointError, ConfigError, RequestError } from '../../core/index.ts'
import { isDualEncoder, isPolicy, type Model } from '../../models/index.ts'
import { readLogitScale } from '../logit-scale.ts'
import { readModelDescription } from '../read-bundle.ts'
import { Authorization } from './authorization.ts'
import { healthRoutes } from './http/health-routes.ts'
import { answerBroken, errorReply, HttpDoor } from './http/http-door.ts'
import { modelRoutes } from './http/model-routes.ts'
import { openapi } from './http/openapi.ts'
import { json, type Route } from './http/route.ts'
import { kserveRoutes } from './kserve/routes.ts'
import { type Limits, limitsOf } from './limits.ts'
import { Metrics } from './metrics.ts'
import { ModelPool } from './model/model-pool.ts'
import { startInstance } from './model/start-instance.ts'
import { actionLabel } from './openpi/actions.ts'
import { OpenpiConnection, type OpenpiSettings } from './openpi/connection.ts'
import { SearchIndex } from './search-index.ts'
import { servedModel } from './served-model.ts'
import { readTls, requireSafeAddress, type ServerOptions } from './server-options.ts'
import { Serving } from './serving.ts'
import { answeredError } from './status.ts'
import { packageVersion } from './version.ts'

/** A server at work. */
export interface RunningServer {
  /** Address for HTTP, such as `http://127.0.0.1:8000`. */
  readonly url: string
  /** Finish what was taken, take no more, and end. */
  stop(): Promise<void>
}

/**
 * Serve the model of a bundle or a run: a policy by openpi's websocket protocol, any model by HTTP and KServe's protocol.
 * @throws ConfigError `serve/address`, `serve/option`, `config/port`; CheckpointError `bundle/model-type` for a model that is
 * neither a policy nor a dual encoder; errors of `PolicyRuntime.load` and `DualEncoderRuntime.load`.
 */
export async function serve(directory: string, options: ServerOptions = {}): Promise<RunningServer> {
  requireSafeAddress(options)
  const limits = limitsOf(options.limits)
  const tls = options.tls && readTls(options.tls)
  const description = readModelDescription(directory)
  requireServable(description.model, directory)
  requireFitting(description.model, options)
  const logitScale = isDualEncoder(description.model) ? logitScaleOf(directory, options) : undefined
  const metrics = new Metrics()
  const pool = await startPool(directory, options, limits, metrics)
  try {
    const name = options.name ?? basename(resolve(directory))
    const model = servedModel(name, description, pool, logitScale)
    const serving = new Serving(model, limits, metrics, noteOf(options))
    const { policy } = model
    const { camera = 'observation/image', action } = options
    const openpi = policy && { camera, imageSide: limits.imageSide, action: actionLabel(policy, action) }
    const index = options.gallery && (await SearchIndex.of(options.gallery, pool, noteOf(options)))
    const server = new ModelServer(serving, { authorization: new Authorization(options.token), openpi, tls, index })
    await server.listen(options)
    return server
  } catch (error) {
    await pool.stop(0)
    throw error
  }
}

const noteOf = ({ onNote }: ServerOptions): ((text: string) => void) =>
  onNote ?? ((text) => process.emitWarning(text, 'VisuomotorWarning'))

/** Factor of similarities; noted where the weights, of which it is one, are missing: the ONNX files do without them. */
function logitScaleOf(directory: string, options: ServerOptions): number | undefined {
  try {
    return readLogitScale(directory, options)
  } catch (error) {
    if (!(error instanceof CheckpointError) || error.code !== 'bundle/missing') throw error
    noteOf(options)(`/v1/classify gives no probabilities: ${error.message}`)
    return undefined
  }
}

function requireServable(model: Model, directory: string): void {
  if (isPolicy(model) || isDualEncoder(model)) return
  const { model_type } = model.config
  throw new CheckpointError(
    'bundle/model-type',
    `${directory} holds a ${model_type} model; policies and dual encoders are served`,
    { directory, modelType: model_type },
  )
}

/** Refuse options that mean nothing for a model. */
function requireFitting(model: Model, { camera, action, gallery }: ServerOptions): void {
  const idle = isPolicy(model) ? { gallery } : { camera, action }
  const given = Object.entries(idle).find(([, value]) => value !== undefined)
  if (given === undefined) return
  const owner = isPolicy(model) ? 'a dual encoder' : 'a policy'
  throw new ConfigError('serve/option', `the option ${given[0]} is for ${owner}, leave it out`, { option: given[0] })
}

function startPool(
  directory: string,
  options: ServerOptions,
  limits: Limits,
  metrics: Metrics,
): Promise<ModelPool> {
  const { device, threads, checkpoint } = options
  const note = noteOf(options)
  const start = (signal: AbortSignal) =>
    startInstance(directory, { device, threads, checkpoint, onNote: note }, signal)
  return ModelPool.start(start, limits, {
    note,
    waited: (milliseconds) => metrics.waitSeconds.observe(milliseconds / 1000),
    restarted: () => metrics.restarts.add(),
    computed(lane, items, milliseconds) {
      metrics.batchItems.observe(items, { lane })
      metrics.batchSeconds.observe(milliseconds / 1000, { lane })
    },
  })
}

/** What a server opens, and to whom. */
interface Doors {
  readonly authorization: Authorization
  /** Undefined for a model that is no policy. */
  readonly openpi: OpenpiSettings | undefined
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | undefined
  readonly index: SearchIndex | undefined
}

class ModelServer implements RunningServer {
  readonly #serving: Serving
  readonly #authorization: Authorization
  readonly #openpi: OpenpiSettings | undefined
  readonly #server: Server
  readonly #scheme: string
  readonly #sockets = new Set<Socket>()
  readonly #connections = new Set<OpenpiConnection>()
  readonly #websockets: WebSocketServer

  constructor(serving: Serving, { authorization, openpi, tls, index }: Doors) {
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
    this.#attach(new HttpDoor(this.#routes(index), authorization, serving))
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

  #routes(index: SearchIndex | undefined): readonly Route[] {
    const routes = [
      ...healthRoutes(this.#serving, () => this.#sockets.size),
      ...modelRoutes(this.#serving, index),
      ...kserveRoutes(this.#serving),
    ]
    const document: Route = { method: 'GET', path: '/openapi.json', answer: () => json(described) }
    const all = [...routes, document]
    const described = openapi(all, packageVersion())
    return all
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
      this.#authorization.require(incoming.headers)
      if (openpi === undefined || !this.#serving.model.pool.isReady) throw notNow(openpi === undefined)
    } catch (error) {
      this.#serving.tell(error)
      return refuseUpgrade(socket, error)
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
    : new RequestError('serve/stopping', 'the server has no instance of the model at the moment. Try again later')

/** Answer a request for a websocket that it does not get. */
function refuseUpgrade(socket: Socket, error: unknown): void {
  const answered = answeredError(error)
  const { status, body, headers } = errorReply(answered, '/')
  const lines = Object.entries({ ...headers, 'content-type': 'application/json', connection: 'close' })
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const length = Buffer.byteLength(body as string)
  socket.end(`HTTP/1.1 ${status} ${answered.code}\r\n${head}content-length: ${length}\r\n\r\n${body}`)
}
