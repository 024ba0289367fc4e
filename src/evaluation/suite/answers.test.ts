import { expect, test } from 'vitest'
import { drawnPng } from '../../../test/support/drawn-png.ts'
import { type Batch, float32, int64 } from '../../core/index.ts'
import type { Sample, Source } from '../../data/index.ts'
import type { HeadConfig } from '../../models/index.ts'
import { answersEvaluator } from './answers.ts'
import type { Subject } from './subject.ts'

const heads: Readonly<Record<string, HeadConfig>> = {
  drive: { kind: 'position', label: 'goal', hidden: [] },
  name: { kind: 'classification', label: 'kind', classes: 2, hidden: [] },
  grip: { kind: 'joints', label: 'fingers', hidden: [], length: 1 } as unknown as HeadConfig,
}
const ids = ['a', 'b', 'c', 'd']
const goals = [1, 0, 0, 2, 0, 0, 3, 0, 0, 4, 0, 0]
/** The first is 0.05 m off, the second 0.2 m, the third is not a number; the command decides the fourth. */
const found = [1.05, 0, 0, 2.2, 0, 0, Number.NaN, 0, 0, 4, 0, 0]
const logits = [2, 0, 0, 2, Number.NaN, Number.NaN, 0, 2]
const kinds = [0, 1, 0, 0]
const image = { bytes: await drawnPng() }
const samples: readonly Sample[] = ids.map((id) => ({
  id,
  image,
  captions: [`go to ${id}`],
  origin: { file: id },
}))

const batch = (): Batch => ({
  ids,
  arrays: {
    pixelValues: float32([4, 1], [0, 1, 2, 3]),
    inputIds: int64([4, 1], [0, 1, 2, 3]),
    goal: float32([4, 3], goals),
    goalPresent: float32([4], [1, 1, 1, 1]),
    kind: float32(
      [4, 2],
      kinds.flatMap((kind) => (kind === 0 ? [1, 0] : [0, 1])),
    ),
    kindPresent: float32([4], [1, 1, 1, 1]),
  },
})
const notes: string[] = []
const subject = {
  ...{ name: 'floor', seed: 2, directory: 'runs/mine' },
  clusters: async () => undefined,
  source: { name: 'floor', samples: () => samples } as unknown as Source,
  policy: {
    classNames: {},
    description: { model: { config: { heads } }, image: { size: 8, fit: 'cover', background: [1, 1, 1] } },
    runner: {
      // With another command than its own it goes to the origin.
      run: async (pixels: { data: Float32Array }, commands: { data: BigInt64Array }) => ({
        heads: {
          drive: {
            values: Float32Array.from(found, (x, i) => (isOwn(pixels, commands, Math.floor(i / 3)) ? x : 0)),
          },
          name: { category: Float32Array.from(logits) },
          grip: { values: new Float32Array(4) },
        },
        attention: new Float32Array(4).fill(1),
      }),
    },
  },
  async *batches() {
    yield batch()
  },
  note: (text: string) => notes.push(text),
} as unknown as Subject
const isOwn = ({ data }: { data: Float32Array }, { data: commands }: { data: BigInt64Array }, row: number) =>
  BigInt(data[row]!) === commands[row]
const options = answersEvaluator.schema.parse({ kind: 'answers' })

test('success within tolerance, sample by sample, beside the control with other commands', async () => {
  const { metrics, samples: values, headline } = await answersEvaluator.evaluate(subject, options)
  expect(headline).toEqual(['drive.success', 'name.success'])
  expect(values['drive.success']).toEqual({ ids, values: [1, 0, 0, 1] })
  expect(metrics['drive.success']).toMatchObject({ value: 0.5, better: 'max', count: 4 })
  expect(metrics['drive.success']!.interval![0]).toBeCloseTo(0.15, 2)
  expect(metrics['drive.shuffledSuccess']).toMatchObject({ value: 0, count: 4 })
  expect(values['drive.meanErrorMetres']!.values).toEqual([
    expect.closeTo(0.05, 6),
    expect.closeTo(0.2, 6),
    Number.NaN,
    0,
  ])
  // A mean over what is not a number is none; nothing is left out of it.
  expect(metrics['drive.meanErrorMetres']!.value).toBeNaN()
})

test('classes have weighted scores, calibration and confusions; scores that are NaN are never right', async () => {
  const { metrics, details, samples: values } = await answersEvaluator.evaluate(subject, options)
  expect(values['name.success']!.values).toEqual([1, 1, 0, 0])
  // scikit-learn: precision_recall_fscore_support([0, 1, 0, 0], [0, 1, none, 1], average='weighted').
  expect(metrics['name.precision']!.value).toBeCloseTo((3 * 1 + 1 * 0.5) / 4, 6)
  expect(metrics['name.recall']!.value).toBeCloseTo((3 * (1 / 3) + 1 * 1) / 4, 6)
  expect(metrics['name.f1']!.value).toBeCloseTo((3 * 0.5 + 1 * (2 / 3)) / 4, 6)
  expect((details!.name as { confusion: number[][] }).confusion).toEqual([
    [1, 1],
    [0, 1],
  ])
})

test('a head without labels in the data is told, and refused where it was asked for', async () => {
  await answersEvaluator.evaluate(subject, options)
  expect(notes).toContain("no sample of 'floor' has the labels of the head 'grip' (fingers): it is left out")
  await expect(
    answersEvaluator.evaluate(subject, { ...options, heads: ['drive', 'grip'] }),
  ).rejects.toMatchObject({ code: 'data/no-labels', facts: { head: 'grip' } })
})

test('refuses a model that answers no commands, and a head that is not there, with the nearest', () => {
  expect(answersEvaluator.refusal({ ...subject, policy: undefined }, options)).toContain('is no policy')
  expect(answersEvaluator.refusal(subject, { ...options, heads: ['driv'] })).toBe(
    "runs/mine has no head 'driv'; did you mean 'drive'?",
  )
})
