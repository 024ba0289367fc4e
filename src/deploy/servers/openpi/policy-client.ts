import { WebSocket } from 'ws'
import { type ErrorCode, errorCodes, RequestError } from '../../../core/index.ts'
import { decodeMessage } from '../message/decode.ts'
import { encodeMessage } from '../message/encode.ts'
import type { Message, MessageMap } from '../message/message.ts'
import { NumpyArray } from '../message/numpy-array.ts'

/** Options of a client. */
export interface PolicyClientOptions {
  /** Token of the server, sent as `Authorization: Api-Key TOKEN`. Default: none. */
  readonly token?: string | undefined
  /** Longest time in milliseconds for a greeting or an answer. Default 10,000. */
  readonly timeout?: number | undefined
}

/** Something that answers observations: a client, or a broker of its chunks. */
export interface ObservationPolicy {
  /** @throws RequestError of the server's error, or `serve/unanswered`. */
  infer(observation: MessageMap): Promise<MessageMap>
  /** Begin an episode. */
  reset(): void
}

interface Waiting {
  readonly resolve: (frame: { readonly data: Buffer; readonly isBinary: boolean }) => void
  readonly reject: (error: Error) => void
}

/**
 * A client of openpi's websocket protocol, for this package's servers and for openpi's own. A server closes the connection
 * after an error; the next observation opens another.
 */
export class PolicyClient implements ObservationPolicy {
  readonly #url: string
  readonly #token: string | undefined
  readonly #timeout: number
  #socket: WebSocket | undefined
  #waiting: Waiting | undefined
  #metadata: MessageMap = {}
  #last: Promise<unknown> = Promise.resolve()

  private constructor(url: string, { token, timeout = 10_000 }: PolicyClientOptions) {
    this.#url = url
    this.#token = token
    this.#timeout = timeout
  }

  /**
   * Connect to a server.
   * @param url Address, such as `ws://127.0.0.1:8000`.
   * @throws RequestError `serve/unanswered` for a server that cannot be reached or sends no greeting; `serve/unauthorized`.
   */
  static async connect(url: string, options: PolicyClientOptions = {}): Promise<PolicyClient> {
    const client = new PolicyClient(url, options)
    await client.#open()
    return client
  }

  /** The greeting of the server: what its policy reads and answers. */
  get metadata(): MessageMap {
    return this.#metadata
  }

  /** The answer to an observation. Calls are carried out one after another. */
  infer(observation: MessageMap): Promise<MessageMap> {
    const answer = this.#last.then(() => this.#ask(observation))
    this.#last = answer.catch(() => {})
    return answer
  }

  /** Begin an episode; the protocol has no message for it. */
  reset(): void {}

  async close(): Promise<void> {
    const socket = this.#socket
    if (socket === undefined || socket.readyState === WebSocket.CLOSED) return
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.close()
    await closed
  }

  async #ask(observation: MessageMap): Promise<MessageMap> {
    if (this.#socket?.readyState !== WebSocket.OPEN) await this.#open()
    const answer = this.#frame()
    this.#socket!.send(encodeMessage(observation))
    return asMap(await answer)
  }

  async #open(): Promise<void> {
    const headers = this.#token === undefined ? {} : { authorization: `Api-Key ${this.#token}` }
    const socket = new WebSocket(this.#url, { headers, perMessageDeflate: false, maxPayload: 2 ** 30 })
    this.#socket = socket
    const greeting = this.#frame()
    // A connection that was given up says nothing more, however late it closes.
    const settle = () => (this.#socket === socket ? this.#settle() : undefined)
    const fail = (error: Error) => settle()?.reject(error)
    socket.on('message', (data, isBinary) => settle()?.resolve({ data: data as Buffer, isBinary }))
    socket.on('error', (error) => fail(unanswered(`${this.#url}: ${error.message}`, error)))
    socket.on('close', (code, reason) =>
      fail(unanswered(`${this.#url} closed the connection (${code} ${reason})`)),
    )
    socket.on('unexpected-response', (_, { statusCode }) => {
      fail(
        statusCode === 401
          ? new RequestError('serve/unauthorized', `${this.#url} asks for a token, and this one is not it`)
          : unanswered(`${this.#url} answers ${statusCode} instead of a websocket`),
      )
      socket.terminate()
    })
    this.#metadata = asMap(await greeting)
  }

  /** The next frame of the server. */
  async #frame(): Promise<Message> {
    let timer: NodeJS.Timeout | undefined
    const { data, isBinary } = await new Promise<{ data: Buffer; isBinary: boolean }>((resolve, reject) => {
      this.#waiting = { resolve, reject }
      timer = setTimeout(() => {
        this.#settle()
        this.#socket?.terminate()
        reject(unanswered(`${this.#url} did not answer within ${this.#timeout} ms`))
      }, this.#timeout)
    }).finally(() => clearTimeout(timer))
    if (isBinary) return decodeMessage(data)
    this.#socket?.close() // as the server does after an error
    this.#socket = undefined
    throw remoteError(data.toString())
  }

  #settle(): Waiting | undefined {
    const waiting = this.#waiting
    this.#waiting = undefined
    return waiting
  }
}

const unanswered = (problem: string, cause?: unknown): RequestError =>
  new RequestError('serve/unanswered', `the policy's server: ${problem}`, {}, { cause })

/** Error that a server sent as a text: with its code where it is one of this package, else of its traceback's last line. */
function remoteError(text: string): RequestError {
  const [, code = '', message = ''] = /^error \[([^\]]+)\]: ([\s\S]*)$/.exec(text) ?? []
  if (Object.hasOwn(errorCodes, code)) return new RequestError(code as ErrorCode, message, { remote: true })
  const last = text.trimEnd().split('\n').at(-1)!
  return new RequestError('serve/unanswered', `the policy's server failed: ${last}`, { traceback: text })
}

function asMap(message: Message): MessageMap {
  const isMap =
    typeof message === 'object' &&
    message !== null &&
    !Array.isArray(message) &&
    !(message instanceof Uint8Array || message instanceof NumpyArray)
  if (isMap) return message as MessageMap
  throw unanswered('it answered with something that is no map')
}
