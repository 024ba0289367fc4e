import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Engine, type Precision } from '../../src/engine/index.ts'
import type { VlmModel } from '../../src/models/index.ts'
import { namedParameters } from '../../src/nn/index.ts'
import { adamW, constant, initialLossScale } from '../../src/optim/index.ts'
import {
  type BatchStream,
  cachedFeatureTask,
  captioningLoss,
  type FeatureObjective,
  type LogRecord,
  maskedLoss,
  training,
} from '../../src/training/index.ts'
import { colorBatch, smallVlm } from '../support/small-vlm.ts'
import { brightStream, policyTrainer } from './synthetic-policy.ts'
import { smallClip, smallSiglip, syntheticStream, syntheticTrainer } from './synthetic-run.ts'

const newRun = () => mkdtempSync(join(tmpdir(), 'visuomotor-'))

/** A scale at which nothing overflows: a search for it would skip the first steps, and the curves would be shifted. */
const lossScale = { ...initialLossScale, scale: 1024 }

/** Steps that a point of a curve is the mean of. */
const window = 50

/** More pairs than a small model learns by heart in 300 steps, so that the loss stays away from zero. */
const contrast = (model: typeof smallClip | typeof smallSiglip) => (options: CurveOptions) =>
  syntheticTrainer({
    ...options,
    model: model(),
    openStream: syntheticStream(8, 60),
    optimizer: adamW({ learningRate: 2e-4, weightDecay: 0.1 }),
  })

const imitation = ({ precision, ...options }: CurveOptions) =>
  policyTrainer({
    ...options,
    optimizer: adamW({ learningRate: 2e-4 }),
    openStream: brightStream(8, 60),
    taskOptions: { precision },
  })

/** Batches of images of one colour, and a word that names it. */
const coloursFrom = (start: unknown = 0): BatchStream & { position: number } => ({
  position: start as number,
  async *[Symbol.asyncIterator]() {
    for (;;) yield colorBatch(8, this.position++ % 60)
  },
  close: async () => {},
})

/** Words and patches of a small model with all parts. */
const wordsAndPatches =
  (objective: (model: VlmModel) => FeatureObjective) =>
  ({ precision, run: _, ...options }: CurveOptions) => {
    const model = smallVlm()
    const parameters = namedParameters(model)
    return training({
      ...options,
      task: cachedFeatureTask({ name: 'words', parameters, seed: 3, precision, ...objective(model) }),
      ...{ engine: new Engine(), clipNorm: 1, seed: 5, stepsPerEpoch: 60, openStream: coloursFrom },
      optimizer: adamW({ learningRate: 2e-4 }),
    })
  }

const masks = { weights: { patches: 1, words: 1 }, withoutImage: 0.1 }

interface CurveOptions {
  readonly run: string
  readonly precision: Precision
  readonly totalSteps: number
  readonly logEverySteps: number
  readonly schedule: ReturnType<typeof constant>
  readonly checkpoints: { readonly run: string; readonly everySteps: number; readonly keep: number }
  readonly callbacks: readonly { onLog(record: LogRecord): void }[]
  readonly lossScale?: typeof initialLossScale
}

it.each([
  { objective: 'contrastive, CLIP', open: contrast(smallClip) },
  { objective: 'contrastive, SigLIP', open: contrast(smallSiglip) },
  { objective: 'imitation', open: imitation },
  { objective: 'masked words and patches', open: wordsAndPatches((model) => maskedLoss(model, masks)) },
  { objective: 'captioning', open: wordsAndPatches(captioningLoss) },
])('$objective learns in float16 as in float32: 300 steps within 2 %', async ({ open }) => {
  const curve = async (precision: Precision) => {
    const losses: number[] = []
    const run = newRun()
    const { trainer } = await open({
      run,
      precision,
      totalSteps: 300,
      logEverySteps: window,
      schedule: constant(),
      checkpoints: { run, everySteps: 300, keep: 1 },
      callbacks: [{ onLog: ({ loss }) => void losses.push(loss) }],
      ...(precision === 'float16' && { lossScale }),
    })
    await trainer.run()
    return losses
  }
  const [full, half] = await Promise.all([curve('float32'), curve('float16')])
  expect(full).toHaveLength(300 / window)
  expect(full.at(-1)!).toBeLessThan(0.9 * full[0]!)
  expect(half).not.toEqual(full)
  for (const [i, loss] of half.entries()) expect(Math.abs(loss - full[i]!)).toBeLessThan(0.02 * full[i]!)
})
