import { inspect } from 'node:util'
import type { Limits } from './limits.ts'
import type { Metrics } from './metrics.ts'
import type { ServedModel } from './served-model.ts'
import { answeredError } from './status.ts'

/** A model at work for clients: what all doors of a server share. */
export class Serving {
  readonly model: ServedModel
  readonly limits: Limits
  readonly metrics: Metrics
  readonly #note: (text: string) => void

  constructor(model: ServedModel, limits: Limits, metrics: Metrics, note: (text: string) => void) {
    this.model = model
    this.limits = limits
    this.metrics = metrics
    this.#note = note
  }

  /** Words of texts that the model never learned, each once, which are counted. */
  countUnlearned(texts: readonly string[]): string[] {
    const words = [...new Set(texts.flatMap((text) => this.model.unlearned(text)))]
    if (words.length > 0) this.metrics.unlearnedWords.add({}, words.length)
    return words
  }

  /** Count an error that a client is told of, and note one that is the server's own fault. */
  tell(error: unknown): void {
    const { code, status } = answeredError(error)
    this.metrics.errors.add({ code })
    if (status === 500) this.#note(`a request failed: ${inspect(error)}`)
  }
}
