import { describe, expect, it } from 'vitest'
import { Monitor } from './monitor.ts'

const metrics = (recall: number) => ({ imageToText: { 'R@1': recall, MedR: 3 }, gallery: 24 })

describe('the monitor', () => {
  it('remembers the last of the best, and for how long none was better', () => {
    const monitor = new Monitor({ metric: 'imageToText.R@1', patience: 2 })
    const improved = [10, 30, 30, 20].map((recall, i) => monitor.observe(i + 1, metrics(recall)))
    expect(improved).toEqual([true, true, true, false])
    expect(monitor.state).toEqual({ best: { step: 3, value: 30 }, validationsSinceBest: 2 })
    expect(monitor.exhausted).toBe(true)
    expect(monitor.observe(5, metrics(31))).toBe(true)
    expect(monitor.exhausted).toBe(false)
  })

  it('takes the smallest where that is better, and never gives up without patience', () => {
    const monitor = new Monitor({ metric: 'imageToText.MedR', direction: 'min' })
    expect(monitor.observe(1, { imageToText: { MedR: 3 } })).toBe(true)
    expect(monitor.observe(2, { imageToText: { MedR: 4 } })).toBe(false)
    expect(monitor.observe(3, { imageToText: { MedR: 2 } })).toBe(true)
    for (let step = 4; step < 100; step++) monitor.observe(step, { imageToText: { MedR: 9 } })
    expect(monitor.exhausted).toBe(false)
  })

  it('stops at a target from the side from which it is approached', () => {
    const monitor = new Monitor({ metric: 'imageToText.MedR', direction: 'min', target: 2 })
    monitor.observe(1, { imageToText: { MedR: 3 } })
    expect(monitor.exhausted).toBe(false)
    monitor.observe(2, { imageToText: { MedR: 2 } })
    expect(monitor.exhausted).toBe(true)
  })

  it.each([
    ['imageToText.R@2', "did you mean 'imageToText.R@1'?"],
    ['images', 'there are imageToText.R@1, imageToText.MedR, gallery'],
    ['imageToText', "did you mean 'imageToText.R@1'?"],
  ])('names what there is in the place of %s', (metric, hint) => {
    expect(() => new Monitor({ metric }).observe(1, metrics(1))).toThrow(hint)
  })
})
