import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { type Batch, hostArray, int64, random } from '../../src/core/index.ts'
import { mixBatch } from '../../src/data/mix/mix-batch.ts'
import { mixUp } from '../../src/data/mix/mix-methods.ts'
import type { Arena } from '../../src/engine/index.ts'
import { alone } from '../../src/training/index.ts'
import { membersOf } from './members.ts'
import { smallClip, smallSiglip, syntheticBatch, syntheticTrainer } from './synthetic-run.ts'

const newRun = () => mkdtempSync(join(tmpdir(), 'visuomotor-'))

type Gradients = ReadonlyMap<string, Float32Array>

const copyOf = async (arena: Arena): Promise<Gradients> =>
  new Map([...(await arena.read())].map(([name, { data }]) => [name, data.slice()]))

const plain = syntheticBatch(8, 0)
// Two pairs of one concept and two with equal texts, in different pieces and of different members.
const concepts = plain.arrays.concepts!.data as BigInt64Array
concepts[6] = concepts[1]!
const inputIds = plain.arrays.inputIds!.data as BigInt64Array
inputIds.copyWithin(7 * 8, 2 * 8, 3 * 8)

/** The batch as a loader makes it: its texts have numbers. */
const numbered: Batch = {
  ids: plain.ids,
  arrays: { ...plain.arrays, texts: int64([8], [0, 1, 2, 3, 4, 5, 6, 2]) },
}
const mixed = mixBatch(numbered, {
  methods: [mixUp()],
  labels: {},
  captions: plain.ids,
  random: random(1, 'mix'),
})

function piece(batch: Batch, start: number, end: number): Batch {
  const rows = Object.entries(batch.arrays).map(([name, { dtype, shape, data }]) => {
    const width = data.length / shape[0]!
    const part = data.subarray(start * width, end * width)
    return [name, hostArray(dtype, [end - start, ...shape.slice(1)], part)] as const
  })
  return { ids: batch.ids.slice(start, end), arrays: Object.fromEntries(rows) }
}

/** Nothing differs by more than 1e-5 of the largest number of all. */
function expectSame(actual: Gradients, expected: Gradients): void {
  const largest = Math.max(...[...expected.values()].flatMap((values) => [...values].map(Math.abs)))
  expect([...actual.keys()]).toEqual([...expected.keys()])
  for (const [name, values] of actual) {
    const reference = expected.get(name)!
    const worst = values.reduce((most, value, i) => Math.max(most, Math.abs(value - reference[i]!)), 0)
    expect(worst / largest, name).toBeLessThan(1e-5)
  }
}

function expectClose(actual: Iterable<number>, expected: Iterable<number>): void {
  const [values, references] = [[...actual], [...expected]]
  expect(values).toHaveLength(references.length)
  for (const [i, value] of values.entries()) expect(value / references[i]!).toBeCloseTo(1, 5)
}

describe.each([
  ['CLIP', smallClip],
  ['SigLIP', smallSiglip],
])('a contrastive batch of a %s', (name, model) => {
  const prepared = () => syntheticTrainer({ run: newRun(), model: model() })

  it.each([
    ['', plain],
    [' when its texts are numbered', numbered],
    [' when it was mixed', mixed],
  ])('has the loss and gradients of the whole batch in micro-batches%s', async (_, batch) => {
    const { state, task } = await prepared()
    const pieces = [piece(batch, 0, 3), piece(batch, 3, 6), piece(batch, 6, 8)]
    const whole = await task.computeGradients([batch], state, alone)
    const expected = await copyOf(state.gradients)
    const inPieces = await task.computeGradients(pieces, state, alone)
    expectClose([inPieces.loss], [whole.loss])
    expectSame(await copyOf(state.gradients), expected)
    expect(whole.sampleLosses).toBeUndefined()

    const losses: Float32Array[] = []
    for (const batches of [[batch], pieces]) {
      const { sampleLosses } = await task.computeGradients(batches, state, alone, { sampleLosses: true })
      losses.push(sampleLosses!)
    }
    expectClose([losses[0]!.reduce((sum, loss) => sum + loss, 0) / 8], [whole.loss])
    expectClose(losses[1]!, losses[0]!)
  })

  it.each([
    ['', plain],
    [' when its texts are numbered', numbered],
    [' when it was mixed', mixed],
  ])('has the loss and gradients of the whole batch over several members%s', async (_, batch) => {
    const { state, task } = await prepared()
    const wanted = { sampleLosses: true }
    const whole = await task.computeGradients([batch], state, alone, wanted)
    const expected = await copyOf(state.gradients)

    // The first in one piece, the second in two.
    const parts = [[piece(batch, 0, 4)], [piece(batch, 4, 7), piece(batch, 7, 8)]]
    const members = await Promise.all(
      membersOf(2).map(async (communicator, rank) => {
        const member = await prepared()
        const result = await member.task.computeGradients(parts[rank]!, member.state, communicator, wanted)
        return { result, gradients: await copyOf(member.state.gradients) }
      }),
    )
    const [first, second] = members.map(({ gradients }) => gradients) as [Gradients, Gradients]
    const sum = [...first].map(([name, values]) => {
      return [name, values.map((value, i) => value + second.get(name)![i]!)] as const
    })
    expectSame(new Map(sum), expected)
    for (const { result } of members) expectClose([result.loss], [whole.loss])
    expectClose(
      members.flatMap(({ result }) => [...result.sampleLosses!]),
      whole.sampleLosses!,
    )
  })

  it('takes equal texts on different images as positives, as if they were of one concept', async () => {
    const { state, task } = await prepared()
    const asOneConcept = syntheticBatch(8, 0)
    const alike = asOneConcept.arrays.concepts!.data as BigInt64Array
    alike.set(concepts)
    alike[7] = alike[2]!
    const read = async (batch: Batch) => {
      const { loss } = await task.computeGradients([batch], state, alone)
      return { loss, gradients: await copyOf(state.gradients) }
    }
    const apart = { ids: plain.ids, arrays: { ...plain.arrays, texts: int64([8], [0, 1, 2, 3, 4, 5, 6, 7]) } }
    asOneConcept.arrays.inputIds!.data.set(inputIds as never)
    const oneConcept = { ids: plain.ids, arrays: { ...asOneConcept.arrays, texts: apart.arrays.texts! } }
    const expected = await read(oneConcept)
    for (const batch of [plain, numbered]) {
      const { loss, gradients } = await read(batch)
      expect(loss).toBe(expected.loss)
      expect(gradients).toEqual(expected.gradients)
    }
    // Equal texts have equal logits, over which InfoNCE adds up to the same, shared out or not.
    const { loss } = await read(apart)
    if (name === 'CLIP') expect(loss).toBeCloseTo(expected.loss, 5)
    else expect(Math.abs(loss - expected.loss)).toBeGreaterThan(1)
  })

  it('is compiled once for each of its shapes', async () => {
    const { state, task } = await prepared()
    const load = vi.spyOn(state.engine, 'load')
    const compiled = async (...batches: Batch[]) => {
      load.mockClear()
      await task.computeGradients(batches, state, alone)
      return load.mock.calls.length
    }
    const other = syntheticBatch(8, 1)
    const smaller = piece(other, 0, 6)
    expect(await compiled(plain)).toBe(1)
    expect(await compiled(other)).toBe(0)
    expect(await compiled(smaller)).toBe(1)
    expect(await compiled(plain)).toBe(0)
    // Features and their gradients of two sizes, and the loss over all of them.
    const pieces = [piece(plain, 0, 3), piece(plain, 3, 6), piece(plain, 6, 8)]
    expect(await compiled(...pieces)).toBe(5)
    expect(await compiled(...pieces)).toBe(0)
    expect(await compiled(piece(other, 0, 3), piece(other, 3, 6))).toBe(1)
  })
})
