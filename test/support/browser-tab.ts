import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { WebSocket } from 'ws'
import { browser, headless, removeProfile } from './browser.ts'

interface Answer {
  readonly id?: number
  readonly result?: Record<string, unknown>
  readonly error?: { readonly message: string }
  readonly method?: string
  readonly params?: Record<string, unknown>
}

/** A window of a browser, driven as a visitor would, by the protocol of its developer tools. */
export class BrowserTab {
  /** Lines that pages wrote to the console as errors, and errors that nobody caught. */
  readonly said: string[] = []
  readonly #child: ChildProcess
  readonly #profile: string
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #asked = 0

  private constructor(child: ChildProcess, profile: string, socket: WebSocket) {
    this.#child = child
    this.#profile = profile
    this.#socket = socket
    socket.on('message', (data) => this.#receive(JSON.parse(String(data)) as Answer))
  }

  /** Start a browser that reaches nobody but this machine. @param graphics Its flags for WebGPU; default: none is there. */
  static async open(graphics: readonly string[] = ['--disable-gpu']): Promise<BrowserTab> {
    const profile = mkdtempSync(join(tmpdir(), 'tab-'))
    const child = spawn(
      browser!,
      [
        ...headless,
        ...graphics,
        ...['--remote-debugging-port=0', `--user-data-dir=${profile}`],
        ...['--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1', 'about:blank'],
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    const port = await portOf(child)
    const tabs = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
      type: string
      webSocketDebuggerUrl: string
    }[]
    const socket = new WebSocket(tabs.find(({ type }) => type === 'page')!.webSocketDebuggerUrl)
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    const tab = new BrowserTab(child, profile, socket)
    for (const domain of ['Page', 'Runtime', 'Log', 'DOM']) await tab.send(`${domain}.enable`)
    return tab
  }

  async send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#asked
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve))
    this.#socket.send(JSON.stringify({ id, method, params }))
    const { result, error } = await answered
    if (error) throw new Error(`${method}: ${error.message}`)
    return result!
  }

  /** Go to a page, and wait until an expression is true on it. */
  async visit(address: string, expression: string): Promise<void> {
    await this.send('Page.navigate', { url: 'about:blank' }) // a new hash alone would load nothing
    await this.send('Page.navigate', { url: address })
    await this.until(expression)
  }

  /** Value of an expression on the page, as JSON has it. */
  async evaluate(expression: string): Promise<unknown> {
    const given = { expression, awaitPromise: true, returnByValue: true }
    const { result, exceptionDetails } = (await this.send('Runtime.evaluate', given)) as {
      result: { value: unknown }
      exceptionDetails?: { exception?: { description?: string }; text: string }
    }
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    return result.value
  }

  /** Wait until an expression is true. */
  async until(expression: string, seconds = 60): Promise<void> {
    const end = Date.now() + seconds * 1000
    for (;;) {
      const isTrue = await this.evaluate(`Boolean(${expression})`).catch(() => false)
      if (isTrue) return
      if (Date.now() > end) {
        const shown = await this.evaluate('document.body.innerText')
        throw new Error(
          `not true after ${seconds} s: ${expression}; the page says: ${shown}; ${this.said.join('\n')}`,
        )
      }
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  /** Replace the text of a field, as by typing. */
  async type(selector: string, text: string): Promise<void> {
    await this.evaluate(
      `(() => { const e = document.querySelector(${JSON.stringify(selector)}); e.focus(); e.select() })()`,
    )
    await this.send('Input.insertText', { text })
  }

  /** Click an element. @param place Fractions of its width and height. Default: its middle. */
  async click(selector: string, place: readonly [number, number] = [0.5, 0.5]): Promise<void> {
    const [x, y] = (await this.evaluate(`(() => {
      const e = document.querySelector(${JSON.stringify(selector)})
      e.scrollIntoView({ block: 'center', behavior: 'instant' })
      const r = e.getBoundingClientRect()
      return [r.left + ${place[0]} * r.width, r.top + ${place[1]} * r.height]
    })()`)) as [number, number]
    for (const type of ['mousePressed', 'mouseReleased'])
      await this.send('Input.dispatchMouseEvent', { type, x, y, button: 'left', clickCount: 1 })
  }

  /** Choose files. */
  async choose(selector: string, files: readonly string[]): Promise<void> {
    const { root } = (await this.send('DOM.getDocument')) as { root: { nodeId: number } }
    const { nodeId } = await this.send('DOM.querySelector', { nodeId: root.nodeId, selector })
    await this.send('DOM.setFileInputFiles', { nodeId, files })
  }

  /** End the browser. */
  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill()
    await ended
    await removeProfile(this.#profile)
  }

  #receive({ id, method, params, ...answer }: Answer): void {
    if (id !== undefined) {
      this.#waiting.get(id)?.(answer)
      this.#waiting.delete(id)
    }
    if (method === 'Runtime.exceptionThrown') this.said.push(JSON.stringify(params))
    if (method === 'Log.entryAdded') {
      const { level, text, url } = params!.entry as { level: string; text: string; url?: string }
      if (level === 'error') this.said.push(`${text} ${url ?? ''}`)
    }
  }
}

/** Port that a browser's developer tools listen at. */
async function portOf(child: ChildProcess): Promise<string> {
  for await (const line of createInterface(child.stderr!)) {
    const port = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1]
    if (port !== undefined) return port
  }
  throw new Error('the browser ended before it listened')
}
