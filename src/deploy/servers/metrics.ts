type Labels = Readonly<Record<string, string>>

/** Upper bounds of the buckets of times, in seconds. */
const secondBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]
const sizeBuckets = [1, 2, 4, 8, 16, 32, 64]

class Counter {
  readonly #values = new Map<string, number>()

  add(labels: Labels = {}, amount = 1): void {
    const key = written(labels)
    this.#values.set(key, (this.#values.get(key) ?? 0) + amount)
  }

  lines(name: string): string[] {
    if (this.#values.size === 0) return [`${name} 0`]
    return Array.from(this.#values, ([labels, value]) => `${name}${labels} ${value}`)
  }
}

class Histogram {
  readonly #bounds: readonly number[]
  readonly #series = new Map<string, { labels: Labels; counts: number[]; sum: number; count: number }>()

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
  }

  observe(value: number, labels: Labels = {}): void {
    const key = written(labels)
    const series = this.#series.get(key) ?? { labels, counts: this.#bounds.map(() => 0), sum: 0, count: 0 }
    this.#series.set(key, series)
    for (const [i, bound] of this.#bounds.entries()) if (value <= bound) series.counts[i]! += 1
    series.sum += value
    series.count += 1
  }

  lines(name: string): string[] {
    return [...this.#series.values()].flatMap(({ labels, counts, sum, count }) => [
      ...counts.map((n, i) => `${name}_bucket${written({ ...labels, le: String(this.#bounds[i]) })} ${n}`),
      `${name}_bucket${written({ ...labels, le: '+Inf' })} ${count}`,
      `${name}_sum${written(labels)} ${sum}`,
      `${name}_count${written(labels)} ${count}`,
    ])
  }
}

const escaped: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' }

/** Labels in Prometheus' text form: `{route="/v1/act"}`. */
function written(labels: Labels): string {
  const parts = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replace(/[\\"\n]/g, (character) => escaped[character]!)}"`,
  )
  return parts.length === 0 ? '' : `{${parts.join(',')}}`
}

/** Figures of the present, read when they are asked for. */
export interface Gauges {
  readonly waiting: number
  readonly instances: number
  readonly connections: number
}

/** Figures of a server, in Prometheus' text format. Labels have few values: routes, codes, lanes. */
export class Metrics {
  readonly requests = new Counter()
  readonly seconds = new Histogram(secondBuckets)
  readonly waitSeconds = new Histogram(secondBuckets)
  readonly batchSeconds = new Histogram(secondBuckets)
  readonly batchItems = new Histogram(sizeBuckets)
  readonly errors = new Counter()
  readonly restarts = new Counter()
  readonly unlearnedWords = new Counter()

  /** All figures as a page. */
  page(gauges: Gauges): string {
    const { rss } = process.memoryUsage()
    const gauge = (value: number) => (name: string) => [`${name} ${value}`]
    const of = (series: Counter | Histogram) => (name: string) => series.lines(name)
    const all: readonly (readonly [string, string, string, (name: string) => string[]])[] = [
      ['requests_total', 'counter', 'Requests and openpi messages by route and status.', of(this.requests)],
      ['request_seconds', 'histogram', 'Time from a request to its answer.', of(this.seconds)],
      ['errors_total', 'counter', 'Errors that were answered, by code.', of(this.errors)],
      ['wait_seconds', 'histogram', 'Time that an item waited for its turn.', of(this.waitSeconds)],
      ['batch_seconds', 'histogram', 'Time of a batch, decoding of images included.', of(this.batchSeconds)],
      ['batch_items', 'histogram', 'Items of a batch.', of(this.batchItems)],
      [
        'unlearned_words_total',
        'counter',
        'Words of texts that the model never learned.',
        of(this.unlearnedWords),
      ],
      [
        'instance_restarts_total',
        'counter',
        'Instances that died and were started again.',
        of(this.restarts),
      ],
      ['waiting_items', 'gauge', 'Items that wait for their turn.', gauge(gauges.waiting)],
      ['instances', 'gauge', 'Instances of the model that can compute.', gauge(gauges.instances)],
      ['connections', 'gauge', 'Open connections.', gauge(gauges.connections)],
      ['resident_bytes', 'gauge', 'Memory of the process that serves, without its instances.', gauge(rss)],
    ]
    const lines = all.flatMap(([short, type, help, series]) => {
      const name = `visuomotor_${short}`
      return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...series(name)]
    })
    return `${lines.join('\n')}\n`
  }
}
