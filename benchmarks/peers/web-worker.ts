import { resolveObjectURL } from 'node:buffer'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

/**
 * The web's `Worker` on Node's threads, as far as jax-js asks for it: without one it runs on a single thread.
 */
class WebWorker {
  onmessage: (event: { data: unknown }) => void = () => {}
  onerror: (event: { message: string }) => void = () => {}
  readonly #worker: Promise<Worker>

  constructor(url: string) {
    this.#worker = this.#start(url)
  }

  postMessage(message: unknown): void {
    this.#worker.then((worker) => worker.postMessage(message))
  }

  async #start(url: string): Promise<Worker> {
    const source = await resolveObjectURL(url)!.text()
    const worker = new Worker(`${prelude}\n${source}`, { eval: true, execArgv: [] })
    worker.on('message', (data) => this.onmessage({ data }))
    worker.on('error', (error) => this.onerror({ message: String(error) }))
    return worker
  }
}

/** What a script finds in a worker of the web. */
const prelude = `
const { parentPort } = require('node:worker_threads')
const self = globalThis
const postMessage = (message) => parentPort.postMessage(message)
parentPort.on('message', (data) => self.onmessage({ data }))
`

Object.assign(globalThis, { Worker: WebWorker })
if (!('navigator' in globalThis)) {
  Object.assign(globalThis, { navigator: { hardwareConcurrency: availableParallelism() } })
}
