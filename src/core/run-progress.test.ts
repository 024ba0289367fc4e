import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readProgress } from './run-progress.ts'

const file = join(mkdtempSync(join(tmpdir(), 'visuomotor-')), 'state.json')

function read(text: string, memory?: z.ZodType) {
  writeFileSync(file, text)
  return readProgress(file, memory)
}

/** As version 0.1.0 wrote them. */
const written = {
  retrieval: {
    step: 20,
    loader: { epoch: 2, batch: 4 },
    monitor: { best: { step: 15, value: 31.25 }, validationsSinceBest: 1 },
    trainSeconds: 3.5,
    waitSeconds: 0.25,
  },
  policy: {
    step: 20,
    loader: 20,
    task: { steps: 20, weights: { navigation: { weight: 0.95, loss: 0.08 }, weight: { weight: 1 } } },
    lossScale: { scale: 32768, goodSteps: 19, skippedSteps: 1 },
    trainSeconds: 3.5,
    waitSeconds: 0,
  },
}

describe('the state of a run', () => {
  it.each(Object.entries(written))('is read as it was written: %s', (_, progress) => {
    expect(read(JSON.stringify(progress, undefined, 2))).toEqual(progress)
  })

  it.each([
    ['cut off', '{"step": 20, "trainSe', /JSON/],
    ['of another program', '{"epoch": 3}', /step: .*; trainSeconds: .*; waitSeconds: /],
    ['changed', JSON.stringify({ ...written.retrieval, step: '20' }), /step: .*expected int|step: .*number/],
    [
      'with half a monitor',
      JSON.stringify({ ...written.retrieval, monitor: { best: { step: 5 }, validationsSinceBest: 0 } }),
      /monitor\.best\.value: /,
    ],
  ])('names file and key when it is %s', (_, text, message) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({ code: 'checkpoint/state', message: expect.stringMatching(message) }),
    )
    expect(() => read(text)).toThrow(file)
  })

  it('is missed by name', () => {
    expect(() => readProgress('nowhere/state.json')).toThrow(
      expect.objectContaining({ code: 'checkpoint/state', message: expect.stringMatching(/nowhere/) }),
    )
  })

  it('holds what the task remembers, or is of another task', () => {
    const memory = z.object({ steps: z.int() })
    expect(read(JSON.stringify(written.policy), memory).task).toEqual({ steps: 20 })
    expect(() => read(JSON.stringify(written.retrieval), memory)).toThrow(/task: /)
  })
})
