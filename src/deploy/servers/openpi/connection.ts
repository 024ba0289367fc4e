import type { WebSocket } from 'ws'
import { errorLine, RequestError } from '../../../core/index.ts'
import { decodeMessage } from '../message/decode.ts'
import { encodeMessage } from '../message/encode.ts'
import type { MessageMap } from '../message/message.ts'
import type { Serving } from '../serving.ts'
import { answeredError } from '../status.ts'
import type { OpenpiPolicy } from './openpi-policy.ts'

/** Reason of openpi's server for closing after an error. */
const afterError = 'Internal server error. Traceback included in previous frame.'

/** Largest number of frames that a client may send before the first is answered; the protocol has one. */
const mostAhead = 4

/** Pause in milliseconds between two pings; a client that answers none until the next is gone, or sends a frame forever. */
const pingPause = 20_000

/**
 * A client of openpi's protocol: it is greeted, and each of its observations is answered, one after the other. After an
 * error, which it gets as a text, the connection is closed, as openpi's server does.
 */
export class OpenpiConnection {
  readonly #socket: WebSocket
  readonly #serving: Serving
  readonly #policy: OpenpiPolicy
  #work: Promise<void> = Promise.resolve()
  #ahead = 0
  #lastTotal: number | undefined
  #isClosing = false

  constructor(socket: WebSocket, serving: Serving, policy: OpenpiPolicy) {
    this.#socket = socket
    this.#serving = serving
    this.#policy = policy
    socket.on('message', (data, isBinary) => this.#receive(data as Buffer, isBinary))
    socket.on('error', () => this.#serving.metrics.errors.add({ code: 'serve/message' })) // ws has closed it with its code
    this.#watch()
    socket.send(encodeMessage(policy.greeting))
  }

  /** Close when what was taken is answered. */
  async stop(): Promise<void> {
    this.#isClosing = true
    await this.#work
    this.#socket.close(1001, 'the server is stopping')
  }

  #watch(): void {
    let isAlive = true
    const timer = setInterval(() => {
      if (!isAlive) return this.#socket.terminate()
      isAlive = false
      this.#socket.ping()
    }, pingPause)
    this.#socket.on('pong', () => {
      isAlive = true
    })
    this.#socket.on('close', () => clearInterval(timer))
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#isClosing) return
    this.#ahead += 1
    if (this.#ahead > mostAhead)
      return void this.#fail(refused(`it sends more than ${mostAhead} observations ahead of their answers`))
    this.#work = this.#work.then(() => this.#answer(data, isBinary))
  }

  async #answer(data: Buffer, isBinary: boolean): Promise<void> {
    const { metrics } = this.#serving
    const start = performance.now()
    let status = 200
    try {
      if (this.#socket.readyState !== this.#socket.OPEN) return
      const answer = await this.#answerTo(data, isBinary, start)
      this.#socket.send(encodeMessage(answer))
      this.#lastTotal = performance.now() - start
    } catch (error) {
      status = this.#fail(error)
    } finally {
      this.#ahead -= 1
      metrics.requests.add({ route: 'openpi', status: String(status) })
      metrics.seconds.observe((performance.now() - start) / 1000, { route: 'openpi' })
    }
  }

  async #answerTo(data: Buffer, isBinary: boolean, start: number): Promise<MessageMap> {
    if (!isBinary) throw refused('it sends text frames; observations are msgpack in binary frames')
    const observation = decodeMessage(data)
    const began = performance.now()
    const answer = await this.#policy.answer(observation)
    const now = performance.now()
    return {
      ...answer,
      policy_timing: { infer_ms: now - began },
      server_timing: {
        infer_ms: now - start,
        ...(this.#lastTotal !== undefined && { prev_total_ms: this.#lastTotal }),
      },
    }
  }

  #fail(error: unknown): number {
    this.#isClosing = true
    this.#serving.tell(error)
    const answered = answeredError(error)
    this.#socket.send(errorLine(answered))
    this.#socket.close(1011, afterError)
    return answered.status
  }
}

const refused = (problem: string): RequestError =>
  new RequestError('serve/message', `the client does not speak openpi's protocol: ${problem}`)
