import { assert as always, double, integer, property, record } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { constant, cosine, cosineWarmRestarts, linear, type Schedule } from './schedule.ts'

/** The factors of steps 1, 2, … */
const factorsOf = (schedule: Schedule, totalSteps = 100, stepsPerEpoch = 10): number[] =>
  Array.from({ length: totalSteps }, (_, index) =>
    schedule.factorAt(index + 1, { totalSteps, stepsPerEpoch }),
  )

const options = record({
  warmupSteps: integer({ min: 0, max: 30 }),
  warmupEpochs: integer({ min: 0, max: 2 }),
  floor: double({ min: 0, max: 1, noNaN: true }),
})

describe.each([
  ['linear', linear],
  ['cosine', cosine],
  ['cosineWarmRestarts', cosineWarmRestarts],
] as const)('%s', (name, make) => {
  test('rises to 1 over the warm-up, then stays from the floor to 1', () => {
    const bounded = property(options, (given) => {
      const factors = factorsOf(make(given))
      const warmup = given.warmupSteps + given.warmupEpochs * 10
      const rising = factors.slice(0, warmup)
      expect(rising).toEqual(rising.map((_, index) => (index + 1) / warmup))
      expect(Math.min(...factors.slice(warmup))).toBeGreaterThanOrEqual(given.floor)
      expect(Math.max(...factors.slice(warmup))).toBeLessThanOrEqual(1)
    })
    always(bounded, { seed: 7 })
  })

  test('begins at 1 without a warm-up, and right after one', () => {
    expect(factorsOf(make())[0]).toBe(1)
    expect(factorsOf(make({ warmupSteps: 7, warmupEpochs: 1 })).slice(15, 18)).toEqual([16 / 17, 1, 1])
  })

  test('describes itself with all options', () => {
    expect(make({ warmupSteps: 5 })).toMatchObject({
      kind: name,
      options: { warmupSteps: 5, warmupEpochs: 0, floor: 0 },
    })
  })

  test.each([{ floor: 1.1 }, { floor: -0.1 }, { warmupSteps: 1.5 }, { warmupEpochs: -1 }])(
    'refuses %j',
    (given) => {
      expect(() => make(given)).toThrow(expect.objectContaining({ code: 'optim/option-range' }))
    },
  )
})

describe.each([
  ['linear', linear],
  ['cosine', cosine],
] as const)('%s', (_, make) => {
  test('goes down without a jump and ends one step short of the floor', () => {
    const smooth = property(options, (given) => {
      const factors = factorsOf(make(given))
      const falling = factors.slice(given.warmupSteps + given.warmupEpochs * 10)
      const steepest = ((1 - given.floor) * Math.PI) / 2 / falling.length
      const drops = falling.slice(1).map((factor, index) => falling[index]! - factor)
      expect(Math.min(...drops)).toBeGreaterThanOrEqual(0)
      expect(Math.max(...drops)).toBeLessThanOrEqual(steepest + 1e-12)
      if (given.floor < 0.99) expect(falling.at(-1)).toBeGreaterThan(given.floor)
    })
    always(smooth, { seed: 7 })
  })

  test('stays at the floor after the end, and when the warm-up fills the run', () => {
    const { factorAt } = make({ warmupSteps: 10, floor: 0.1 })
    const factorIn = (totalSteps: number, step: number) => factorAt(step, { totalSteps, stepsPerEpoch: 1 })
    expect([101, 1000].map((step) => factorIn(100, step))).toEqual([0.1, 0.1])
    expect([9, 10, 11].map((step) => factorIn(10, step))).toEqual([0.9, 1, 0.1])
  })
})

test('linear is halfway down in the middle, cosine too', () => {
  expect(factorsOf(linear({ floor: 0.5 }))[50]).toBeCloseTo(0.75, 12)
  expect(factorsOf(cosine({ floor: 0.5 }))[50]).toBeCloseTo(0.75, 12)
  expect(factorsOf(linear())[25]).toBeCloseTo(0.75, 12)
  expect(factorsOf(cosine())[25]).toBeCloseTo((1 + Math.SQRT1_2) / 2, 12)
})

test('constant stays at 1 after the warm-up', () => {
  expect(factorsOf(constant(), 3)).toEqual([1, 1, 1])
  expect(factorsOf(constant({ warmupSteps: 2 }), 4)).toEqual([0.5, 1, 1, 1])
})

describe('cosineWarmRestarts', () => {
  /** Steps whose factor is higher than that of the step before. */
  const restartsOf = (schedule: Schedule, totalSteps: number) =>
    factorsOf(schedule, totalSteps).flatMap((factor, i, all) =>
      i > 0 && factor > all[i - 1]! ? [i + 1] : [],
    )

  test('by default restarts after 1000, 3000 and 7000 steps', () => {
    const schedule = cosineWarmRestarts()
    expect(restartsOf(schedule, 8000)).toEqual([1001, 3001, 7001])
    expect([1001, 3001, 7001].map((step) => factorsOf(schedule, 8000)[step - 1])).toEqual([1, 1, 1])
  })

  test('counts its periods from the end of the warm-up', () => {
    const schedule = cosineWarmRestarts({ firstPeriod: 10, periodFactor: 1, warmupSteps: 5 })
    expect(restartsOf(schedule, 40)).toEqual([2, 3, 4, 5, 16, 26, 36])
  })

  test('takes its first period in epochs, and adds steps to it', () => {
    const inEpochs = cosineWarmRestarts({ firstPeriodEpochs: 2 })
    expect(inEpochs.options).toMatchObject({ firstPeriod: 0, firstPeriodEpochs: 2 })
    expect(factorsOf(inEpochs)).toEqual(factorsOf(cosineWarmRestarts({ firstPeriod: 20 })))
    const both = cosineWarmRestarts({ firstPeriodEpochs: 2, firstPeriod: 3 })
    expect(factorsOf(both)).toEqual(factorsOf(cosineWarmRestarts({ firstPeriod: 23 })))
    // An epoch of 2.5 steps: periods of 5 and 10 steps, whole though the epoch is not.
    expect(factorsOf(inEpochs, 20, 2.5)).toEqual(factorsOf(cosineWarmRestarts({ firstPeriod: 5 }), 20))
  })

  test('refuses a first period of nothing', () => {
    for (const given of [
      { firstPeriod: 0 },
      { firstPeriod: 0, firstPeriodEpochs: 0 },
      { firstPeriodEpochs: 0.5 },
    ])
      expect(() => cosineWarmRestarts(given)).toThrow(expect.objectContaining({ code: 'optim/option-range' }))
  })

  test('goes down to the floor in each period, whatever the length of the run', () => {
    const { factorAt } = cosineWarmRestarts({ firstPeriod: 10, floor: 0.5 })
    for (const totalSteps of [1, 1000]) {
      expect(factorAt(6, { totalSteps, stepsPerEpoch: 1 })).toBeCloseTo(0.75, 12)
      expect(factorAt(21, { totalSteps, stepsPerEpoch: 1 })).toBeCloseTo(0.75, 12)
    }
  })
})
