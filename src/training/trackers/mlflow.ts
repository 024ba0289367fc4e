import { type Answer, jsonNumber, refusal, requestJson } from './request-json.ts'
import type { CallOptions, Outcome, TrackedRecord, TrackedRun, Tracker } from './tracker.ts'

/** Limits of MLflow's REST API: entries of a request, and characters of a parameter's value and of a name. */
const limits = { metrics: 1000, parameters: 100, value: 6000, name: 250 }

const statuses: Readonly<Record<Outcome, string>> = {
  finished: 'FINISHED',
  interrupted: 'KILLED',
  failed: 'FAILED',
}

interface MlflowOptions {
  /** Address of the server, without a slash at the end. */
  readonly url: string
  /** Name of the experiment, which is made where it is missing. */
  readonly experiment: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * A run of an MLflow tracking server, by its REST API 2.0: parameters, metrics with their steps, tags, status. MLflow's names have no
 * `@`, so that `R@1` is `R_at_1`; other characters that it does not know become `_`.
 *
 * @see https://mlflow.org/docs/latest/rest-api.html
 */
export class Mlflow implements Tracker {
  readonly title: string
  readonly #options: MlflowOptions
  #made: string | undefined

  constructor(options: MlflowOptions) {
    this.title = `MLflow at ${options.url}`
    this.#options = options
  }

  async open(run: TrackedRun, known: string | undefined, options: CallOptions): Promise<string> {
    this.#made ??= known ?? (await this.#create(run, options)) // once, also where what follows fails and is tried again
    const id = this.#made
    if (known === undefined) await this.#logParameters(id, run, options)
    else await this.#post('runs/update', { run_id: id, status: 'RUNNING' }, options)
    await this.#post('runs/log-batch', { run_id: id, tags: pairs(run.tags) }, options)
    return id
  }

  async send(id: string, records: readonly TrackedRecord[], options: CallOptions): Promise<void> {
    const metrics = records.flatMap(({ step, time, scalars }) =>
      Object.entries(scalars).map(([name, value]) => ({
        ...{ key: nameOf(name), value: jsonNumber(value), timestamp: time, step },
      })),
    )
    for (const part of inParts(metrics, limits.metrics))
      await this.#post('runs/log-batch', { run_id: id, metrics: part }, options)
  }

  async close(id: string, outcome: Outcome, options: CallOptions): Promise<void> {
    await this.#post('runs/update', { run_id: id, status: statuses[outcome], end_time: Date.now() }, options)
  }

  async #create({ name }: TrackedRun, options: CallOptions): Promise<string> {
    const experiment = await this.#experiment(options)
    const asked = { experiment_id: experiment, run_name: name, start_time: Date.now() }
    return textAt(await this.#post('runs/create', asked, options), 'run', 'info', 'run_id')
  }

  /** Id of the experiment. */
  async #experiment(options: CallOptions): Promise<string> {
    const { experiment } = this.#options
    const find = `experiments/get-by-name?experiment_name=${encodeURIComponent(experiment)}`
    const found = await this.#request(find, undefined, options)
    if (found.status < 400) return textAt(found.content, 'experiment', 'experiment_id')
    if (found.content.error_code !== 'RESOURCE_DOES_NOT_EXIST') throw refusal(found, found.content.message)
    const made = await this.#request('experiments/create', { name: experiment }, options)
    if (made.status < 400) return textAt(made.content, 'experiment_id')
    // Another run may have made it meanwhile.
    if (made.content.error_code === 'RESOURCE_ALREADY_EXISTS')
      return textAt((await this.#request(find, undefined, options)).content, 'experiment', 'experiment_id')
    throw refusal(made, made.content.message)
  }

  async #logParameters(id: string, { parameters }: TrackedRun, options: CallOptions): Promise<void> {
    const all = pairs(parameters)
    const cut = all.filter(({ value }) => value.length > limits.value)
    if (cut.length > 0) {
      const names = cut.map(({ key }) => key).join(', ')
      options.note(`${this.title} takes ${limits.value} characters of a parameter: cut are ${names}`)
    }
    const params = all.map(({ key, value }) => ({ key, value: value.slice(0, limits.value) }))
    for (const part of inParts(params, limits.parameters))
      await this.#post('runs/log-batch', { run_id: id, params: part }, options)
  }

  async #post(path: string, body: unknown, options: CallOptions): Promise<Answer> {
    const answer = await this.#request(path, body, options)
    if (answer.status >= 400) throw refusal(answer, answer.content.message)
    return answer.content
  }

  #request(path: string, body: unknown, { signal }: CallOptions) {
    const { url, headers } = this.#options
    return requestJson({ url: `${url}/api/2.0/mlflow/${path}`, headers, body, signal })
  }
}

const pairs = (values: Readonly<Record<string, unknown>>) =>
  Object.entries(values).map(([key, value]) => ({ key: nameOf(key), value: String(value) }))

const nameOf = (name: string): string =>
  name
    .replaceAll('@', '_at_')
    .replace(/[^\w\-. :/]/g, '_')
    .slice(0, limits.name)

const inParts = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))

/** The text at a path of an answer. @throws Error where there is none. */
function textAt(answer: unknown, ...path: readonly string[]): string {
  const value = path.reduce((inner: unknown, key) => (inner as Answer | undefined)?.[key], answer)
  if (typeof value === 'string') return value
  throw new Error(`an answer has no ${path.join('.')}`)
}
