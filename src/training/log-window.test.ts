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

  it('has no record of no steps', () => {
    expect(new LogWindow().record()).toBeUndefined()
  })
})
