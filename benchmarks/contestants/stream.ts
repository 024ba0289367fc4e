import { loader, openSource, type SourceSpec } from '../../src/data/index.ts'
import { Sampler, startPosition } from '../../src/data/sampler.ts'
import { serve, task } from './serve.ts'

/** What to stream, and how. */
export interface StreamTask {
  readonly spec: SourceSpec
  readonly samples: number
  /** Points of the curve. */
  readonly points: number
  /** Through the loader's threads too, decoded; or only as far as the plan of batches. */
  readonly decoded: boolean
}

/** Little, so that what grows with the samples shows beside it. */
const budget = { shuffleBytes: 64 * 1024 ** 2, cacheBytes: 16 * 1024 ** 2 }
const batchSize = 256

/** How much memory a process holds while it streams more and more samples. */
const { spec, samples, points, decoded } = task<StreamTask>()
const start = performance.now()
const curve = []
const source = openSource(spec)
let seen = 0
for await (const count of decoded ? loadedBatches() : plannedBatches()) {
  seen += count
  if (seen >= ((curve.length + 1) * samples) / points) {
    curve.push({ samples: seen, residentBytes: process.memoryUsage.rss() })
    if (curve.length === points) break
  }
}
const seconds = (performance.now() - start) / 1000
await serve({ curve, samplesPerSecond: seen / seconds }, async () => ({}))

async function* plannedBatches(): AsyncGenerator<number> {
  const options = { source, seed: 1, batchSize, shuffle: true, uniqueConcepts: false, ...budget }
  for await (const { draws } of new Sampler(options).batches(startPosition)) yield draws.length
}

async function* loadedBatches(): AsyncGenerator<number> {
  for await (const { ids } of loader({ source, seed: 1, batchSize, resolution: 16, ...budget }))
    yield ids.length
}
