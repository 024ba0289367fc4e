import { describe, expect, it } from 'vitest'
import { LogWindow } from './log-window.ts'

describe('LogWindow', () => {
  it('takes each mean over the steps that had the number', () => {
    const window = new LogWindow()
    const step = { learningRate: 0.1, gradientNorm: 1 }
    window.add(8, { ...step, loss: 4 })
    window.add(8, { ...step, loss: 2, difficulty: 0.5 })
    window.add(8, { ...step, loss: 0, difficulty: 0.7 })
    expect(window.record()).toMatchObject({ loss: 2, difficulty: 0.6 })
  })

  it('goes on from its state, written as JSON, as one window', () => {
    const steps = [0.1, 0.7, 0.3].map((loss) => ({ learningRate: 0.1, loss }))
    const [whole, first] = [new LogWindow(), new LogWindow()]
    for (const step of steps) whole.add(8, step)
    for (const step of steps.slice(0, 2)) first.add(8, step)
    const state = first.state!
    const second = new LogWindow(JSON.parse(JSON.stringify(state)))
    second.add(8, steps[2]!)
    expect(second.seconds).toBeGreaterThan(state.seconds)
    expect(second.record()!.loss).toBe(whole.record()!.loss)
    expect(second.state).toMatchObject({ steps: 3, samples: 24 })
    expect(new LogWindow().state).toBeUndefined()
  })

  it('has no record of no steps', () => {
    expect(new LogWindow().record()).toBeUndefined()
  })
})
