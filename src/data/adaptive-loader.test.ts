import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { random } from '../core/index.ts'
import { type Loader, loader } from './loader.ts'
import type { LoaderOptions, LoaderPosition } from './loader-options.ts'
import type { Sample } from './sample.ts'
import { curriculum, progressiveDifficulty, type SamplerSpec } from './selection/index.ts'
import type { Source } from './source.ts'

const picture = await sharp({ create: { width: 2, height: 2, channels: 3, background: 'red' } })
  .png()
  .toBuffer()

/** Sample n has n objects, so its difficulty is n / 10; some are unreadable. */
function samplesOf(count: number, bad: readonly number[] = []): Sample[] {
  return Array.from({ length: count }, (_, n) => ({
    id: `${n}`,
    image: { bytes: bad.includes(n) ? Buffer.from('no') : picture },
    captions: [''],
    origin: { file: 'list.csv', line: n + 1 },
    concept: `c${n % 5}`,
    complexity: { objects: n, task: 0, scene: 0 },
  }))
}

const memory = (from: readonly Sample[]): Source => ({
  name: 'memory',
  size: from.length,
  async *samples({ skip = 0 } = {}) {
    yield* from.slice(skip)
  },
})

/** How a run went so far: it is told nothing but what a trainer would tell. */
interface Progress {
  readonly batches: string[][]
  readonly numbers: Readonly<Record<string, number>>[]
  /** As they would be written to checkpoints, after each batch. */
  readonly positions: LoaderPosition[]
}

type Training = (step: number, ids: readonly string[], feedback: NonNullable<Loader['feedback']>) => void

/** Made-up losses after each step, and a made-up validation after every third. */
const madeUp: Training = (step, ids, feedback) => {
  feedback.onSampleLosses?.(Float32Array.from(ids, (id) => random(1, 'loss', step, id).uniform(0, 5)))
  if (step % 3 === 0) feedback.onEvaluation(random(2, 'validation', step).uniform(0.3, 1))
}

async function run(
  steps: number,
  changes: Partial<LoaderOptions> & Pick<LoaderOptions, 'source'>,
  { training = madeUp, done = 0 }: { training?: Training; done?: number } = {},
): Promise<Progress> {
  const progress: Progress = { batches: [], numbers: [], positions: [] }
  const stream = loader({ batchSize: 4, seed: 17, resolution: 2, workers: 0, ...changes })
  let step = done
  for await (const { ids } of stream) {
    progress.batches.push([...ids])
    progress.numbers.push(stream.feedback!.numbers)
    training(++step, ids, stream.feedback!)
    progress.positions.push(JSON.parse(JSON.stringify(stream.position)))
    if (step === steps) break
  }
  return progress
}

const quick = { metric: 'score', window: 2, thresholds: [0.4, 0.5, 0.6, 0.7] }

const samplers: readonly (readonly [string, SamplerSpec])[] = [
  ['a curriculum', curriculum(quick)],
  ['a curriculum of one stage at a time', curriculum({ ...quick, keepEarlier: false })],
  ['progressive difficulty', progressiveDifficulty({ metric: 'score', step: 0.3, share: 0.3 })],
  [
    'progressive difficulty by loss',
    progressiveDifficulty({ metric: 'score', by: 'loss', step: 0.2, share: 0.5 }),
  ],
]

describe.each(samplers)('a loader with %s', (_, sampler) => {
  it('goes on from any batch as if it had never stopped, however far it plans ahead', async () => {
    const cases = fc.record({
      count: fc.integer({ min: 24, max: 60 }),
      bad: fc.subarray([...Array(24).keys()], { maxLength: 12 }),
      batchSize: fc.integer({ min: 1, max: 5 }),
      prefetch: fc.integer({ min: 0, max: 6 }),
      shuffleBytes: fc.constantFrom(1e9, 16_384),
      uniqueConcepts: fc.boolean(),
      stop: fc.integer({ min: 1, max: 35 }),
      second: fc.integer({ min: 1, max: 4 }),
    })
    await fc.assert(
      fc.asyncProperty(cases, async ({ count, bad, stop, second, ...options }) => {
        const source = memory(samplesOf(count, bad))
        const changes = { ...options, source, sampler, onBadSample: 'skip' as const }
        const straight = await run(40, changes).catch(() => undefined)
        if (!straight) return fc.pre(false) // the samples chosen at some time could not fill a batch
        let done = stop
        while (done < 40) {
          const until = Math.min(40, done + second)
          const resumed = await run(until, { ...changes, position: straight.positions[done - 1]! }, { done })
          expect(resumed.batches).toEqual(straight.batches.slice(done, until))
          expect(resumed.numbers).toEqual(straight.numbers.slice(done, until))
          expect(resumed.positions).toEqual(straight.positions.slice(done, until))
          done = until
        }
      }),
      { numRuns: 12, seed: 7 },
    )
  })

  it('gives the same batches with 0 and 3 workers', async () => {
    const changes = { source: memory(samplesOf(40, [3, 9])), sampler, onBadSample: 'skip' as const }
    expect(await run(30, { ...changes, workers: 3 })).toEqual(await run(30, changes))
  })

  it('is not told anything when it evaluates', async () => {
    const source = memory(samplesOf(40))
    const stream = loader({
      source,
      sampler,
      mode: 'evaluate',
      batchSize: 40,
      seed: 1,
      resolution: 2,
      workers: 0,
    })
    expect(stream.feedback).toBeUndefined()
    for await (const { ids } of stream) expect(ids).toEqual(samplesOf(40).map(({ id }) => id))
    expect(stream.position.selection).toBeUndefined()
  })
})

describe('a curriculum in a loader', () => {
  const source = memory(samplesOf(40))
  const steps = 60

  /** Every validation is perfect: the stage changes as fast as it can. */
  const perfect: Training = (step, _, feedback) => {
    if (step % 5 === 0) feedback.onEvaluation(1)
  }

  it.each([1, 4])(
    'deals a new stage from the first batch not yet planned (prefetch %i)',
    async (prefetch) => {
      const sampler = curriculum({ metric: 'score', window: 2 })
      const { batches, numbers } = await run(steps, { source, sampler, prefetch }, { training: perfect })
      const delay = prefetch + 1
      for (const [i, ids] of batches.entries()) {
        // Two validations end a stage: after steps 10, 20, 30 and 40.
        const stage = Math.min(5, 1 + Math.floor(Math.max(0, i + 1 - delay) / 10))
        expect(numbers[i]).toMatchObject({ curriculumStage: stage })
        for (const id of ids) expect(Number(id)).toBeLessThan(10 * stage)
      }
    },
  )

  it('keeps the samples of earlier stages in equal shares, unless told otherwise', async () => {
    const counts = async (keepEarlier: boolean) => {
      const sampler = curriculum({ metric: 'score', window: 2, keepEarlier, thresholds: [0.6, 0.7, 0.8, 1] })
      const training: Training = (step, _, feedback) => {
        if (step <= 30 && step % 5 === 0) feedback.onEvaluation(0.9)
      }
      const { batches, numbers } = await run(200, { source, sampler }, { training })
      const fourth = batches.filter((_, i) => numbers[i]!.curriculumStage === 4).flat()
      return [0, 10, 20, 30].map(
        (from) => fourth.filter((id) => Math.floor(Number(id) / 10) * 10 === from).length,
      )
    }
    const kept = await counts(true)
    const total = kept.reduce((sum, count) => sum + count)
    expect(total).toBe(166 * 4)
    // Whole passes deal everyone once; only the first and the last one here may be cut.
    for (const count of kept) expect(Math.abs(count - total / 4)).toBeLessThanOrEqual(10)
    expect(await counts(false)).toEqual([0, 0, 0, 166 * 4])
  })

  it('deals every sample of the stage once a pass', async () => {
    const sampler = curriculum({ metric: 'score' })
    const { batches } = await run(25, { source, sampler, batchSize: 5 }, { training: () => {} })
    const ids = batches.flat()
    for (let pass = 0; pass < 12; pass++) {
      expect(ids.slice(pass * 10, pass * 10 + 10).sort()).toEqual([...'0123456789'])
    }
    expect(ids.slice(0, 10)).not.toEqual(ids.slice(10, 20))
  })

  it('makes the mean difficulty of the batches rise', async () => {
    const sampler = curriculum({ metric: 'score', window: 2, keepEarlier: false })
    const { numbers } = await run(40, { source, sampler }, { training: perfect })
    const means = [1, 2, 3, 4].map((stage) => {
      const of = numbers.filter((n) => n.curriculumStage === stage).map((n) => n.difficulty!)
      return of.reduce((sum, difficulty) => sum + difficulty) / of.length
    })
    for (const [i, expected] of [0.45, 1.45, 2.45, 3.45].entries()) {
      expect(Math.abs(means[i]! - expected)).toBeLessThan(0.1)
    }
  })

  it('says so when a stage has too few concepts for a batch', async () => {
    const few = memory(samplesOf(12))
    const sampler = curriculum({ metric: 'score' })
    await expect(run(20, { source: few, sampler, uniqueConcepts: true, batchSize: 4 })).rejects.toMatchObject(
      {
        code: 'data/too-few-concepts',
      },
    )
  })
})

describe('progressive difficulty in a loader', () => {
  /** Difficulties from 0 to 0.99. */
  const source = memory(
    samplesOf(100).map((sample, n) => ({ ...sample, complexity: { objects: n / 10, task: 0, scene: 0 } })),
  )

  it('lets the difficulty of the batches follow the target', async () => {
    const training: Training = (step, _, feedback) => {
      if (step % 10 === 0) feedback.onEvaluation(step <= 100 ? 0.9 : 0.1)
    }
    const sampler = progressiveDifficulty({ metric: 'score', share: 0.1 })
    const { numbers } = await run(200, { source, sampler }, { training })
    expect(numbers[0]).toMatchObject({ targetDifficulty: 0.3 })
    expect(numbers[107]).toMatchObject({ targetDifficulty: 0.8 })
    expect(numbers.at(-1)).toMatchObject({ targetDifficulty: 0.35 })
    for (const { difficulty, targetDifficulty } of numbers) {
      // A tenth of the samples is near: none is farther than 0.05 from the target.
      expect(Math.abs(difficulty! - targetDifficulty!)).toBeLessThan(0.06)
    }
  })

  it('by loss, meets everyone first and then those whose losses have the target’s rank', async () => {
    // Whatever the complexity says, the loss of sample n is (7 n) mod 100.
    const lossOf = (id: string) => (Number(id) * 7) % 100
    const training: Training = (_, ids, feedback) => feedback.onSampleLosses!(Float32Array.from(ids, lossOf))
    const sampler = progressiveDifficulty({ metric: 'score', by: 'loss' })
    const { batches } = await run(80, { source, sampler }, { training })
    expect(new Set(batches.slice(0, 25).flat()).size).toBe(100)
    const losses = batches.slice(45).flat().map(lossOf)
    expect(Math.min(...losses)).toBe(18)
    expect(Math.max(...losses)).toBe(42)
  })
})
