import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { LoaderPosition } from '../../src/data/index.ts'
import {
  curriculum,
  difficultyOf,
  loader,
  progressiveDifficulty,
  type Sample,
  type SamplerSpec,
} from '../../src/data/index.ts'
import { Engine } from '../../src/engine/index.ts'
import { constant, sgd } from '../../src/optim/index.ts'
import {
  type BatchStream,
  fractionAt,
  metricsLog,
  readMetricsLog,
  training,
} from '../../src/training/index.ts'
import { hashOf } from '../support/hash-of.ts'
import { SkillTask } from './skill-task.ts'

const bytes = await sharp({ create: { width: 2, height: 2, channels: 3, background: 'blue' } })
  .png()
  .toBuffer()

const samples: readonly Sample[] = Array.from({ length: 48 }, (_, n) => ({
  id: `${n}`,
  image: { bytes },
  captions: ['word '.repeat(1 + (n % 3))],
  origin: { file: 'memory' },
  complexity: { objects: (n * 7) % 8, task: (n % 5) / 5, scene: 0 },
}))

const difficulties = new Map(samples.map((sample) => [sample.id, difficultyOf(sample)]))

const source = {
  name: 'memory',
  size: samples.length,
  async *samples({ skip = 0 } = {}) {
    yield* samples.slice(skip)
  },
}

function open(sampler: SamplerSpec, position: unknown): BatchStream {
  const stream = loader({
    source,
    sampler,
    batchSize: 4,
    seed: 3,
    resolution: 2,
    workers: 0,
    ...(position !== undefined && { position: position as LoaderPosition }),
  })
  const told = stream.feedback!
  return {
    get position() {
      return stream.position
    },
    feedback: {
      get numbers() {
        return told.numbers
      },
      ...(told.onSampleLosses && { onSampleLosses: told.onSampleLosses }),
      onValidation: (metrics) => told.onEvaluation(fractionAt(metrics, 'mastered')),
    },
    [Symbol.asyncIterator]: () => stream[Symbol.asyncIterator](),
    close: () => stream.close(),
  }
}

const totalSteps = 36

/** A part of a run: from its newest checkpoint to the step where it is interrupted, or to its end. */
async function train(sampler: SamplerSpec, run: string, until = totalSteps): Promise<void> {
  const stop = new AbortController()
  const { trainer } = await training({
    task: new SkillTask(difficulties),
    engine: new Engine({ device: 'cpu' }),
    optimizer: sgd({ learningRate: 0.06 }),
    seed: 1,
    openStream: (position) => open(sampler, position),
    schedule: constant(),
    totalSteps,
    stepsPerEpoch: 12,
    checkpoints: { run, everySteps: totalSteps, keep: 1 },
    validation: { metric: 'mastered', everySteps: 2, openBatches: async function* () {} },
    logEverySteps: 1,
    callbacks: [
      metricsLog(join(run, 'metrics.jsonl')),
      { onStep: (step) => (step === until ? stop.abort() : undefined) },
    ],
    signal: stop.signal,
  })
  await trainer.resume()
  await trainer.run()
}

const newRun = () => mkdtempSync(join(tmpdir(), 'visuomotor-'))

/** What the log says of every step, but for the rates. */
const logOf = (run: string) =>
  readMetricsLog(join(run, 'metrics.jsonl')).map((record) => {
    const {
      samplesPerSecond: _,
      dataWaitFraction: __,
      ...rest
    } = record as unknown as Record<string, unknown>
    return rest
  })

const quick = { metric: 'mastered', window: 2, thresholds: [0.2, 0.4, 0.6, 0.8] }

describe.each<[string, SamplerSpec, string]>([
  ['a curriculum', curriculum(quick), 'curriculumStage'],
  ['a curriculum of one stage at a time', curriculum({ ...quick, keepEarlier: false }), 'curriculumStage'],
  [
    'progressive difficulty',
    progressiveDifficulty({ metric: 'mastered', raiseAbove: 0.3, lowerBelow: 0.1 }),
    'targetDifficulty',
  ],
  [
    'progressive difficulty by loss',
    progressiveDifficulty({ metric: 'mastered', by: 'loss', raiseAbove: 0.3, lowerBelow: 0.1 }),
    'targetDifficulty',
  ],
])('a run with %s', (_, sampler, number) => {
  it('is the same, bit by bit, wherever it was stopped, and logs what it does', async () => {
    const whole = newRun()
    await train(sampler, whole)
    const expected = logOf(whole)
    const path = 'checkpoints/36/model.safetensors'
    for (let stop = 1; stop < totalSteps; stop += 4) {
      const run = newRun()
      await train(sampler, run, stop)
      await train(sampler, run, stop + 1)
      await train(sampler, run)
      expect(hashOf(join(run, path)), `stopped after ${stop}`).toBe(hashOf(join(whole, path)))
      expect(logOf(run), `stopped after ${stop}`).toEqual(expected)
    }
    const values = expected.flatMap((record) => (number in record ? [record[number] as number] : []))
    expect(values).toHaveLength(totalSteps)
    expect(new Set(values).size, 'it adapts to the training').toBeGreaterThan(2)
  })
})
