import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Batch, float32, hostArray, writeSafetensors } from '../../src/core/index.ts'
import { Engine } from '../../src/engine/index.ts'
import { sgd } from '../../src/optim/index.ts'
import {
  alone,
  type BatchStream,
  batchesWithOutputs,
  type OutputsOf,
  prepareTraining,
  readOutputs,
  storedOutputs,
  withOutputs,
  writeOutputs,
} from '../../src/training/index.ts'
import { splitBatch } from '../../src/training/micro-batches.ts'
import { distillation, exampleBatch } from './example-tasks.ts'

const outputFile = () => join(mkdtempSync(join(tmpdir(), 'visuomotor-')), 'outputs.safetensors')

/** The same batch again and again, without a teacher's tokens. */
const stream = (feedback?: BatchStream['feedback']): BatchStream & { closed: boolean } => ({
  position: 0,
  closed: false,
  ...(feedback && { feedback }),
  async *[Symbol.asyncIterator]() {
    const { 'teacher.tokens': _, ...arrays } = exampleBatch(6).arrays
    for (;;) {
      ;(this as { position: number }).position++
      yield { ids: exampleBatch(6).ids, arrays }
    }
  },
  async close() {
    this.closed = true
  },
})

/** A teacher that says of each token four of its numbers, doubled. */
const teacher: OutputsOf = async ({ ids, arrays }) => {
  const tokens = arrays.tokens!.data as Float32Array
  const said = Array.from({ length: ids.length * 2 }, (_, i) => [...tokens.subarray(i * 6, i * 6 + 4)])
  return {
    'teacher.tokens': float32(
      [ids.length, 2, 4],
      said.flat().map((x) => 2 * x),
    ),
  }
}

const next = async (batches: AsyncIterable<Batch>): Promise<Batch> =>
  (await batches[Symbol.asyncIterator]().next()).value

async function stepOn(batch: Batch) {
  const task = distillation()
  const engine = new Engine({ threads: 1 })
  const { state } = await prepareTraining({ task, engine, optimizer: sgd(), seed: 3 })
  const { loss } = await task.computeGradients(splitBatch(batch, 4), state, alone)
  return { loss, gradients: [...(await state.gradients.read()).values()].map(({ data }) => data.slice()) }
}

describe('outputs of a teacher', () => {
  it('give the same step, bit by bit, computed live and read from a file', async () => {
    const live = await next(withOutputs(stream(), teacher))
    const { ids, arrays } = await next(stream())
    const file = outputFile()
    // Stored in another order than that of the batch.
    const reversed = [...ids].reverse()
    const said = (await teacher({ ids, arrays }))['teacher.tokens']!.data as Float32Array
    const rows = reversed.flatMap((id) => [...said.subarray(ids.indexOf(id) * 8, ids.indexOf(id) * 8 + 8)])
    writeOutputs(file, { ids: reversed, arrays: { 'teacher.tokens': float32([6, 2, 4], rows) } })
    const stored = await next(withOutputs(stream(), storedOutputs(readOutputs(file))))
    expect(stored.arrays['teacher.tokens']).toEqual(live.arrays['teacher.tokens'])
    const step = await stepOn(live)
    expect(step.loss).toBeGreaterThan(0.1)
    expect(await stepOn(stored)).toEqual(step)
  })

  it('leave position, feedback and end of the stream as they are', async () => {
    const feedback = { numbers: { difficulty: 1 } }
    const inner = stream(feedback)
    const outer = withOutputs(inner, teacher)
    expect(outer.position).toBe(0)
    await next(outer)
    expect(outer.position).toBe(1)
    expect(outer.feedback).toBe(feedback)
    expect(withOutputs(stream(), teacher).feedback).toBeUndefined()
    await outer.close()
    expect(inner.closed).toBe(true)
  })

  it('have any type and rank', async () => {
    const codes = hostArray('int64', [2, 1, 3], BigInt64Array.of(1n, 2n, 3n, 4n, 5n, 6n))
    const found = await storedOutputs({ ids: ['a', 'b'], arrays: { codes } })({
      ids: ['b', 'a', 'b'],
      arrays: {},
    })
    expect(found.codes).toEqual(
      hostArray('int64', [3, 1, 3], BigInt64Array.of(4n, 5n, 6n, 1n, 2n, 3n, 4n, 5n, 6n)),
    )
  })

  it.each<[string, OutputsOf, string, RegExp]>([
    [
      'under a name that is taken',
      async () => ({ tokens: float32([6], new Float32Array(6)) }),
      'training/output-name',
      /'tokens' already.*'teacher\.tokens'/,
    ],
    [
      'of another number of samples',
      async () => ({ said: float32([5, 2], new Float32Array(10)) }),
      'training/output-rows',
      /'said' has shape \[5,2\], the batch 6 samples/,
    ],
    [
      'of a sample that is not stored',
      storedOutputs({ ids: ['sample-0-0'], arrays: { said: float32([1], [1]) } }),
      'training/output-id',
      /'sample-0-1'/,
    ],
  ])('are refused %s', async (_, outputsOf, code, message) => {
    await expect(next(batchesWithOutputs(stream(), outputsOf))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
  })

  it('are refused when they are not as many as ids, and when a file does not say whose they are', () => {
    expect(() => storedOutputs({ ids: ['a'], arrays: { said: float32([2], [1, 2]) } })).toThrow(
      /'said' has shape \[2\] for 1 ids/,
    )
    const file = outputFile()
    writeSafetensors(file, [['said', float32([1], [1])]], { ids: '"a"' })
    expect(() => readOutputs(file)).toThrow(expect.objectContaining({ code: 'training/outputs' }))
    writeSafetensors(file, [['said', float32([1], [1])]])
    expect(() => readOutputs(file)).toThrow(/does not say whose outputs/)
  })
})
