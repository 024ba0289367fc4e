import { errorLine, VisuomotorError } from '../../../core/errors.ts'
import { html } from '../../../report/html.ts'

/** Largest number of messages on the page; older ones go. */
const mostMessages = 4

/** Messages of a page: one line on what goes on, and errors and notes that stay until they are closed. */
export class Notices {
  readonly #status: HTMLElement
  readonly #list: HTMLElement

  constructor(status: HTMLElement, list: HTMLElement) {
    this.#status = status
    this.#list = list
  }

  /** Show what goes on. */
  status(text: string): void {
    this.#status.textContent = text
  }

  /** Show a sentence that the visitor should know. */
  note(text: string): void {
    this.#add(text, 'note')
  }

  /** Show an error, with its code where it has one. */
  error(error: unknown): void {
    const text = error instanceof VisuomotorError ? errorLine(error) : `error: ${messageOf(error)}`
    this.#add(text, 'wrong')
  }

  /** Carry out what may fail: an error is shown, and the page goes on. @returns True where it did not fail. */
  async attempt(work: () => Promise<void>): Promise<boolean> {
    try {
      await work()
      return true
    } catch (error) {
      this.error(error)
      return false
    }
  }

  /** Remove all messages. */
  clear(): void {
    this.#list.replaceChildren()
  }

  #add(text: string, kind: 'note' | 'wrong'): void {
    const message = document.createElement('li')
    message.className = kind
    message.innerHTML = String(html`<span>${text}</span><button type="button" aria-label="Close">×</button>`)
    message.querySelector('button')!.onclick = () => message.remove()
    for (const other of [...this.#list.children]) if (other.firstChild!.textContent === text) other.remove()
    this.#list.append(message)
    while (this.#list.children.length > mostMessages) this.#list.firstElementChild!.remove()
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
