import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Batch, float32, int64, random } from '../../src/core/index.ts'
import { DualEncoderPrograms, PolicyPrograms } from '../../src/models/index.ts'
import { cosine } from '../../src/optim/index.ts'
import {
  type AddedLosses,
  type BatchStream,
  dualEncoderDistillation,
  type OutputsOf,
  withOutputs,
} from '../../src/training/index.ts'
import { brightPatches, brightStream, everyHead, policyTrainer, smallPolicy } from './synthetic-policy.ts'
import { type SyntheticOptions, smallClip, syntheticTrainer } from './synthetic-run.ts'
import { addedToPolicy, outputsOf } from './taught-policy.ts'

const newRun = () => mkdtempSync(join(tmpdir(), 'visuomotor-'))

describe('what distillation is for', () => {
  it('a policy with few labels learns more from a teacher that it can ask about every picture', async () => {
    const { navigation, kind } = everyHead
    const heads = { navigation, kind }
    const taskOptions = { grounding: undefined }
    const learn = async (run: Parameters<typeof policyTrainer>[0]) => {
      const checkpoints = { run: run.run, everySteps: 1000, keep: 1 }
      const schedule = cosine({ warmupSteps: 10 })
      const trained = await policyTrainer({ taskOptions, checkpoints, schedule, ...run })
      await trained.trainer.run()
      const metrics = await trained.task.evaluate(heldOut(), trained.state.values, trained.state)
      return { ...trained, success: metrics.success as number }
    }
    const model = smallPolicy(heads, 0)
    const teacher = await learn({
      run: newRun(),
      model,
      openStream: brightStream(32, 64),
      totalSteps: 400,
    })
    expect(teacher.success).toBeGreaterThan(0.95)

    // One of sixteen samples has labels.
    const few = brightStream(16, 32, (_, sample) => sample === 0)
    const alone = await learn({
      run: newRun(),
      model: smallPolicy(heads, 0),
      openStream: few,
      totalSteps: 120,
    })
    const student = smallPolicy(heads, 0)
    const outputs = outputsOf(await PolicyPrograms.create(teacher.state.engine, model, teacher.state.values))
    const taughtRun = await learn({
      run: newRun(),
      model: student,
      taskOptions: { ...taskOptions, added: addedToPolicy(student) },
      openStream: (start) => withOutputs(few(start), outputs),
      totalSteps: 120,
    })
    expect(taughtRun.success).toBeGreaterThan(alone.success + 0.2)
  })

  it('a dual encoder on half wrong pairs learns more from a teacher that knows what belongs together', async () => {
    const learn = async (run: SyntheticOptions) => {
      const checkpoints = { run: run.run, everySteps: 1000, keep: 1 }
      const trained = await syntheticTrainer({ totalSteps: 120, checkpoints, ...run })
      await trained.trainer.run()
      const { task, state } = trained
      const metrics = await task.evaluate(once(pairsOf(kinds, 1000, 0)), state.values, state)
      return { ...trained, recall: (metrics.imageToText as { 'R@1': number })['R@1'] }
    }
    const model = smallClip()
    const teacher = await learn({ run: newRun(), model, openStream: pairStream(0) })
    const programs = await DualEncoderPrograms.create(teacher.state.engine, model, teacher.state.values)
    const outputs: OutputsOf = async ({ ids, arrays }) => ({
      'teacher1.imageFeatures': float32([ids.length, 16], await programs.encodeImages(arrays.pixelValues!)),
      'teacher1.textFeatures': float32([ids.length, 16], await programs.encodeTexts(arrays.inputIds!)),
    })
    const alone = await learn({ run: newRun(), openStream: pairStream(0.5) })
    const student = smallClip()
    const added: AddedLosses = {
      ownWeight: 0.3,
      terms: dualEncoderDistillation(
        student,
        [{ name: 'teacher1', width: 16, scale: 14 }],
        [{ kind: 'logits', weight: 0.7, temperature: 4 }],
      ),
    }
    const taughtRun = await learn({
      run: newRun(),
      model: student,
      added,
      openStream: (start: unknown) => withOutputs(pairStream(0.5)(start), outputs),
    })
    expect(teacher.recall).toBeGreaterThan(90)
    expect(taughtRun.recall).toBeGreaterThan(alone.recall + 10)
  })
})

async function* heldOut() {
  for (let number = 100; number < 104; number++) yield brightPatches(32, number)
}

async function* once(batch: Batch) {
  yield batch
}

/** Kinds of pictures and texts, each with a pattern and words of its own. */
const kinds = 24

/** Pairs of different kinds; of a fraction `wrong` the text is that of another. */
function pairsOf(size: number, number: number, wrong: number): Batch {
  const stream = random(4, 'pairs', number)
  const chosen = stream.shuffle(Array.from({ length: kinds }, (_, kind) => kind)).slice(0, size)
  const said = chosen.map((kind) => (stream.chance(wrong) ? stream.integer(kinds) : kind))
  const pattern = (kind: number) => random(4, 'pattern', kind)
  const pixels = chosen.flatMap((kind) => {
    const own = pattern(kind)
    return Array.from({ length: 768 }, () => own.normal() + 0.5 * stream.normal())
  })
  const words = said.flatMap((kind) => {
    const own = random(4, 'words', kind)
    return [62, ...Array.from({ length: 6 }, () => own.integer(62)), 63]
  })
  return {
    ids: chosen.map((kind) => `pair-${number}-${kind}`),
    arrays: {
      pixelValues: float32([size, 3, 16, 16], pixels),
      inputIds: int64([size, 8], words),
      concepts: int64([size], chosen),
    },
  }
}

const pairStream =
  (wrong: number) =>
  (start: unknown = 0): BatchStream & { position: number } => ({
    position: start as number,
    async *[Symbol.asyncIterator]() {
      for (;;) yield pairsOf(16, this.position++, wrong)
    },
    close: async () => {},
  })
