import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { tinyBundle } from '../../test/support/tiny-bundle.ts'
import { ConfigError, float32 } from '../core/index.ts'
import type { Bundle } from '../deploy/index.ts'
import { type SearchTools, searchWithinBudget } from './budget.ts'
import type { CompressionMethod, CompressionMethods, Subject } from './method.ts'

/** A method on parts `a`, `b`, `c`: it multiplies what a part loses by how far it goes. */
interface Cut {
  readonly kind: 'cut'
  readonly ratio: number
  readonly parts: readonly string[]
}

const parts = ['a', 'b', 'c', 'd']
/** Points that each part loses at a ratio of 1. */
const costs: Readonly<Record<string, number>> = { a: 0.2, b: 8, c: 0.4, d: 0.2 }

/** A subject whose weights say how far each part was cut. */
const subjectOf = (cuts: Readonly<Record<string, number>>): Subject => ({
  bundle: {
    ...tinyBundle(),
    weights: new Map(parts.map((part) => [part, float32([1], [cuts[part] ?? 0])])),
  } as Bundle,
  passes: [],
})

const cutsOf = ({ bundle }: Subject): Record<string, number> =>
  Object.fromEntries(parts.map((part) => [part, bundle.weights.get(part)!.data[0]!]))

const cut = (hasShare: boolean): CompressionMethod<Cut> => ({
  schema: z.any(),
  apply: async ({ ratio, parts: own }, subject) =>
    subjectOf({ ...cutsOf(subject), ...Object.fromEntries(own.map((part) => [part, ratio])) }),
  reach: {
    parts: (options) => new Map(options.parts.map((part) => [part, { ...options, parts: [part] }])),
    without: (options, left) => ({ ...options, parts: options.parts.filter((part) => !left.includes(part)) }),
    ...(hasShare && {
      share: (options: Cut, share: number) => ({ ...options, ratio: options.ratio * share }),
    }),
  },
})

const tools = (notes: string[] = []) =>
  ({
    note: (text: string) => void notes.push(text),
    judge: async (subject: Subject) => {
      const cuts = cutsOf(subject)
      const lost = parts.reduce((sum, part) => sum + costs[part]! * cuts[part]!, 0)
      const nonzero = parts.reduce((sum, part) => sum + 1000 * (1 - cuts[part]!), 0)
      return { quality: 90 - lost, size: { bytes: 100, nonzero } }
    },
  }) as unknown as SearchTools

const table = (method: CompressionMethod<Cut>, others: CompressionMethods = {}) =>
  ({ cut: method as unknown as CompressionMethod, ...others }) as CompressionMethods

const step = (ratio = 1): Cut => ({ kind: 'cut', ratio, parts })
const whole = subjectOf({})

describe('a search within a budget', () => {
  it('finds the most sensitive parts, and the smallest model without them', async () => {
    const { steps, report } = await searchWithinBudget([step()], table(cut(true)), whole, tools(), -1)
    expect(report.sensitivity[0]).toMatchObject({ part: 'b', change: -8 })
    // Without b everything costs 0.8 points; with it, only a share of 1/8 stays within the budget.
    expect(report.chosen).toMatchObject({ share: 1, kept: ['b'], within: true })
    expect(report.chosen.change).toBeCloseTo(-0.8)
    expect(steps).toEqual([{ ...step(), parts: ['a', 'c', 'd'] }])
    expect(report.trials.some(({ share, within }) => share < 1 && within)).toBe(true)
  })

  it('goes as far as asked where that is within', async () => {
    const { steps, report } = await searchWithinBudget([step(0.1)], table(cut(true)), whole, tools(), -1)
    expect(report.trials).toHaveLength(1)
    expect(steps).toEqual([step(0.1)])
  })

  it('takes what removes nothing for no trial', async () => {
    const coarse: CompressionMethod<Cut> = {
      ...cut(true),
      apply: async (options, subject, tools) => {
        if (options.ratio < 0.3) throw new ConfigError('compression/nothing-to-remove', 'nothing', {})
        return cut(true).apply(options, subject, tools)
      },
    }
    const { report } = await searchWithinBudget([step()], table(coarse), whole, tools(), -4)
    expect(report.trials.every(({ share }) => share >= 0.3)).toBe(true)
    expect(report.chosen.within).toBe(true)
    const mild = { ...step(), parts: ['b'] }
    const tooMuch = searchWithinBudget([mild], table(coarse), whole, tools(), -0.5)
    await expect(tooMuch).rejects.toMatchObject({ code: 'compression/budget' })
    const none = searchWithinBudget([step(0.1)], table(coarse), whole, tools(), -4)
    await expect(none).rejects.toMatchObject({ code: 'compression/nothing-to-remove' })
  })

  it('leaves the fewest parts where a method has no share', async () => {
    const { report } = await searchWithinBudget([step()], table(cut(false)), whole, tools(), -0.5)
    expect(report.chosen.kept).toEqual(['b', 'c'])
  })

  it('leaves out steps that train, and keeps their places', async () => {
    const trains: CompressionMethod = {
      schema: z.any(),
      trains: true,
      apply: () => Promise.reject(new Error('a search trains nothing')),
    }
    const all = [{ kind: 'tune' }, step(0.1), { kind: 'tune' }]
    const methods = table(cut(true), { tune: trains })
    const { steps } = await searchWithinBudget(all, methods, whole, tools(), -1)
    expect(steps).toEqual(all)
  })

  it('says what it tried, and when even the mildest is outside', async () => {
    const notes: string[] = []
    const always: CompressionMethod<Cut> = { ...cut(true), apply: async () => subjectOf({ b: 1 }) }
    await expect(searchWithinBudget([step()], table(always), whole, tools(notes), -1)).rejects.toThrow(
      expect.objectContaining({
        code: 'compression/budget',
        message: expect.stringContaining('−8.00 points'),
      }),
    )
    expect(notes.filter((note) => note.endsWith('outside the budget')).length).toBeGreaterThan(3)
  })
})
