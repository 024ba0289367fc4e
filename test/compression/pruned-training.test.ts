import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { Tools } from '../../src/compression/method.ts'
import { structured } from '../../src/compression/structured/index.ts'
import { findUnits, withoutSome } from '../../src/compression/structured/prune-units.ts'
import { type Batch, float32, int64, random } from '../../src/core/index.ts'
import type { Bundle } from '../../src/deploy/index.ts'
import { Engine, ParameterProgram } from '../../src/engine/index.ts'
import { topologicalOrder } from '../../src/graph/index.ts'
import type { DualEncoder } from '../../src/models/index.ts'
import { adamW } from '../../src/optim/index.ts'
import { alone, type BatchStream, contrastiveTask, prepareTraining } from '../../src/training/index.ts'
import { tinyBundle } from '../support/tiny-bundle.ts'
import { smallClip, syntheticTrainer } from '../training/synthetic-run.ts'

/** Kinds of pictures and texts, each with a pattern and words of its own. */
const kinds = 24

function pairsOf(size: number, number: number): Batch {
  const stream = random(4, 'pairs', number)
  const chosen = stream.shuffle(Array.from({ length: kinds }, (_, kind) => kind)).slice(0, size)
  const pixels = chosen.flatMap((kind) => {
    const own = random(4, 'pattern', kind)
    return Array.from({ length: 768 }, () => own.normal() + 0.5 * stream.normal())
  })
  const words = chosen.flatMap((kind) => {
    const own = random(4, 'words', kind)
    return [62, ...Array.from({ length: 6 }, () => own.integer(62)), 63]
  })
  const arrays = {
    pixelValues: float32([size, 3, 16, 16], pixels),
    inputIds: int64([size, 8], words),
    concepts: int64([size], chosen),
  }
  return { ids: chosen.map((kind) => `${number}-${kind}`), arrays }
}

const openStream = (start: unknown = 0): BatchStream & { position: number } => ({
  position: start as number,
  async *[Symbol.asyncIterator]() {
    for (;;) yield pairsOf(16, this.position++)
  },
  close: async () => {},
})

const optimizer = adamW({ learningRate: 3e-3, weightDecay: 0.1 })

/** The bundle after so many steps, from its own weights or from none. */
async function trained(
  { weights, ...bundle }: Bundle<DualEncoder>,
  totalSteps: number,
): Promise<Bundle<DualEncoder>> {
  const run = mkdtempSync(join(tmpdir(), 'visuomotor-'))
  const { trainer, state } = await syntheticTrainer({
    run,
    model: bundle.model,
    totalSteps,
    openStream,
    optimizer,
    checkpoints: { run, everySteps: 1000, keep: 1 },
    ...(weights.size > 0 && { values: weights }),
  })
  await trainer.run()
  const values = [...(await state.values.read())].map(
    ([name, { shape, data }]) => [name, float32(shape, Float32Array.from(data as Float32Array))] as const,
  )
  return { ...bundle, weights: new Map(values) }
}

/** Loss on new pictures, and its gradients. */
async function lossOf({ model, weights }: Bundle) {
  const task = contrastiveTask(model as DualEncoder)
  const { state } = await prepareTraining({
    task,
    engine: new Engine({ threads: 1 }),
    optimizer,
    seed: 0,
    values: weights,
  })
  const { loss } = await task.computeGradients([pairsOf(kinds, 1000)], state, alone)
  return { loss, gradients: (await state.gradients.read()) as Awaited<ReturnType<Tools['gradients']>> }
}

const notes: string[] = []

const tools: Tools = {
  seed: 0,
  threads: 1,
  async *batches() {
    yield pairsOf(16, 2000)
    yield pairsOf(16, 2001)
  },
  gradients: async ({ bundle }) => (await lossOf(bundle)).gradients,
  quality: async ({ bundle }) => -(await lossOf(bundle)).loss,
  note: (text) => void notes.push(text),
}

const ratio = 0.6
const of = ['heads', 'hidden'] as const

describe('pruning of a trained model', () => {
  let whole: Bundle<DualEncoder>
  let before: number

  beforeAll(async () => {
    const tokenizer = {
      vocabularySize: 64,
      startId: 62,
      endId: 63,
      padId: 63,
    } as unknown as Bundle['tokenizer']
    const fresh = { ...tinyBundle(), tokenizer, model: smallClip(), weights: new Map() }
    whole = await trained(fresh, 120)
    before = (await lossOf(whole)).loss
  })

  const prune = async (importance: 'magnitude' | 'taylor' | 'activation') => {
    const options = { kind: 'structured', ratio, of: [...of], importance, uniform: true } as never
    return (await structured.apply(options, { bundle: whole, passes: [] }, tools))
      .bundle as Bundle<DualEncoder>
  }

  /** Mean loss without units that are drawn, as many as the methods remove. */
  async function withoutAny(): Promise<number> {
    const { sets } = findUnits(whole)
    const losses = [1, 2, 3, 4, 5].map(async (seed) => {
      const removed = sets.map(({ path, units }) => {
        const order = random(seed, path).shuffle([...units.keys()])
        return order.slice(0, Math.min(units.length - 1, Math.round(ratio * units.length)))
      })
      return (await lossOf(withoutSome(whole, sets, removed))).loss
    })
    return (await Promise.all(losses)).reduce((sum, loss) => sum + loss, 0) / losses.length
  }

  it('the units of least importance cost less than any others, by each measure, and fine-tuning brings the rest back', async () => {
    expect(before).toBeLessThan(0.3)
    const drawn = await withoutAny()
    const losses: Record<string, number> = {}
    for (const importance of ['magnitude', 'taylor', 'activation'] as const)
      losses[importance] = (await lossOf(await prune(importance))).loss
    for (const loss of Object.values(losses)) expect(loss).toBeLessThan(drawn)
    const tuned = await trained(await prune('taylor'), 40)
    const after = (await lossOf(tuned)).loss
    expect(after).toBeLessThan(before + 0.1)
  })

  it('is trained on in graphs of its smaller sizes', async () => {
    const create = vi.spyOn(ParameterProgram, 'create')
    await lossOf(await prune('magnitude'))
    const [, , , { outputs, gradients }] = create.mock.lastCall!
    create.mockRestore()
    const graph = topologicalOrder([...Object.values(outputs), ...gradients!.values()])
    const sizes = graph.flatMap(({ outputs: [y] }) => y.shape)
    expect(sizes).toContain(51) // of 128 hidden units
    expect(sizes).not.toContain(128)
  })
})
