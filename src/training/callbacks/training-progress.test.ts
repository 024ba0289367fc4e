import { PassThrough } from 'node:stream'
import { describe, expect, test, vi } from 'vitest'
import type { LogRecord } from '../callback.ts'
import { trainingProgress } from './training-progress.ts'

const record = (step: number): LogRecord => ({
  step,
  epoch: step / 40,
  loss: 2.3456,
  learningRate: 0.00051,
  gradientNorm: 1,
  samplesPerSecond: 1234.5,
  dataWaitFraction: 0.0123,
})

describe('the progress of training', () => {
  test('is a line every few seconds where there is no terminal, and one at the end', () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const notes: string[] = []
    const progress = trainingProgress({ note: (text) => void notes.push(text) })
    progress.onStart?.({ step: 20, totalSteps: 100 })
    for (let step = 30; step <= 100; step += 10) {
      vi.advanceTimersByTime(2000)
      progress.onLog?.(record(step))
    }
    progress.onEnd?.()
    progress.onTest?.('heldOut')
    progress.onNote?.('something else')
    vi.useRealTimers()
    expect(notes).toEqual([
      'step 30/100  epoch 0.8  loss 2.346  learning rate 5.1e-4  1,235 samples/s  data wait 1.2 %  14 s left',
      expect.stringMatching(/^step 60\/100 .* 8\.0 s left$/),
      expect.stringMatching(/^step 90\/100 .* 2\.0 s left$/),
      expect.stringMatching(/^step 100\/100 /),
      'testing Held out',
      'something else',
    ])
  })

  test('has a first line after the first step', () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const notes: string[] = []
    const progress = trainingProgress({ note: (text) => void notes.push(text) })
    progress.onStart?.({ step: 20, totalSteps: 100 })
    for (const step of [21, 22, 23]) {
      vi.advanceTimersByTime(6000)
      progress.onStep?.(step)
    }
    vi.useRealTimers()
    expect(notes).toEqual(['step 21/100  the first took 6.0 s, with compiling'])
  })

  test('is a bar on a terminal', () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 80 })
    const progress = trainingProgress({ note: () => expect.unreachable(), terminal })
    vi.useFakeTimers({ toFake: ['performance'] })
    progress.onStart?.({ step: 0, totalSteps: 320 })
    vi.advanceTimersByTime(30_000)
    progress.onStep?.(110)
    progress.onLog?.(record(110))
    progress.onEnd?.()
    vi.useRealTimers()
    const drawn = String(terminal.read())
    expect(drawn).toContain('110/320  loss 2.346  1,235 samples/s  wait 1.2 %  57 s left')
  })
})
