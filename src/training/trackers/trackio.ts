import { randomUUID } from 'node:crypto'
import { jsonNumber, refusal, requestJson } from './request-json.ts'
import type { CallOptions, TrackedRecord, TrackedRun, Tracker } from './tracker.ts'

interface TrackioOptions {
  /** Address of the server, without a slash at the end. */
  readonly url: string
  readonly project: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * A run of a trackio server, by the HTTP API (version 1) that its Python client uses: `api/bulk_log`, whose entries carry ids, so that
 * what comes twice is kept once. Runs have parameters and metrics, and no end.
 *
 * @see https://github.com/gradio-app/trackio
 */
export class Trackio implements Tracker {
  readonly title: string
  readonly #options: TrackioOptions
  #run: TrackedRun | undefined

  constructor(options: TrackioOptions) {
    this.title = `trackio at ${options.url}`
    this.#options = options
  }

  /** The server makes a run of the first record. */
  async open(run: TrackedRun, known: string | undefined, { signal }: CallOptions): Promise<string> {
    this.#run = run
    const { url, headers } = this.#options
    const answer = await requestJson({ url: `${url}/version`, headers, signal })
    if (answer.content.api_version === 1) return known ?? randomUUID()
    throw refusal(answer, `its API is of version ${answer.content.api_version}, and version 1 is known`)
  }

  async send(id: string, records: readonly TrackedRecord[], { signal }: CallOptions): Promise<void> {
    const { url, headers, project } = this.#options
    const { name, parameters, tags } = this.#run ?? { name: id, parameters: {}, tags: {} }
    const common = { project, run: name, run_id: id, config: { ...parameters, ...tags } }
    const logs = records.map(({ step, scalars }) => ({
      ...common,
      step,
      metrics: Object.fromEntries(Object.entries(scalars).map(([key, value]) => [key, jsonNumber(value)])),
      log_id: `${id}-${step}-${Object.keys(scalars)[0]}`,
    }))
    const body = { args: [], kwargs: { logs, hf_token: null } }
    const answer = await requestJson({ url: `${url}/api/bulk_log`, headers, body, signal })
    const { error } = answer.content
    if (answer.status >= 400 || (error !== undefined && error !== null)) throw refusal(answer, error)
  }

  async close(): Promise<void> {}
}
