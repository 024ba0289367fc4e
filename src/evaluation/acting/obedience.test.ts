import { describe, expect, test, vi } from 'vitest'
import {
  actingSubject,
  deafPolicy,
  followWorld,
  obedientPolicy,
} from '../../../test/support/acting-subject.ts'
import { obedience, obedienceEvaluator } from './obedience.ts'

const parsed = (options: Parameters<typeof obedience>[0] = {}) =>
  obedienceEvaluator.schema.parse(obedience(options))

const options = parsed({ episodes: 2, tasks: ['detection', 'manipulation'] })

describe('obedience', () => {
  const world = followWorld()

  test('is 1 for who does what it is told', async () => {
    const { subject } = actingSubject(obedientPolicy(world))
    const { metrics, headline, samples, details, sections } = await obedienceEvaluator.evaluate(
      subject,
      options,
    )
    expect(headline).toEqual(['difference'])
    expect(metrics.difference).toEqual({
      value: 1,
      interval: [1, 1],
      better: 'max',
      count: 4,
      unit: 'points',
    })
    expect(metrics.right).toMatchObject({ value: 1, count: 4 })
    expect(metrics.right!.interval![0]).toBeCloseTo(0.5101, 4) // Wilson's, for 4 of 4
    expect(metrics.otherAtItsGoal).toMatchObject({ value: 1 })
    expect([metrics.other!.value, metrics.none!.value]).toEqual([0, 0])
    expect(metrics['manipulation.mcNemarP']!.value).toBeCloseTo(0.5, 12) // 2 · 1/2², of 2 scenes
    expect(samples.difference!.values).toEqual([1, 1, 1, 1])
    expect(new Set(samples.difference!.ids).size).toBe(4)
    expect(details).toMatchObject({
      scenes: 4,
      tasks: { detection: { mcNemar: { onlyFirst: 4, onlySecond: 0 } } },
    })
    const [table, deaf, followed] = sections.map(({ body }) => body.toString())
    expect(table).toMatch(/Manipulation[\s\S]*100\.0 \(34 – 100\)/)
    expect(deaf).toContain('There are none')
    expect(followed).toMatch(/data:image\/png[\s\S]*manipulation ✓[\s\S]*the right command is “/)
  })

  test('is 0 for who ignores what it is told, and does as well told nothing', async () => {
    const { subject } = actingSubject(deafPolicy(world))
    const { metrics, samples, sections } = await obedienceEvaluator.evaluate(
      subject,
      parsed({ episodes: 4, tasks: ['detection'] }),
    )
    expect(metrics.difference).toEqual({
      value: 0,
      interval: [0, 0],
      better: 'max',
      count: 8,
      unit: 'points',
    })
    expect(metrics.right!.value).toBeGreaterThan(0)
    expect(samples.right).toEqual(samples.other)
    expect(samples.right).toEqual(samples.none)
    expect(metrics['detection.mcNemarP']!.value).toBe(1)
    expect(sections[1]!.body.toString()).toMatch(/data:image\/png/)
  })

  test('is refused for what cannot act', () => {
    const refusal = (policy: Parameters<typeof actingSubject>[0], asked = options) =>
      obedienceEvaluator.refusal(actingSubject(policy).subject, asked)
    const predict = vi.fn()
    expect(refusal(undefined)).toMatch(/no policy/)
    expect(refusal({ labels: ['box'], predict })).toMatch(/manipulation needs joints; it predicts box/)
    expect(refusal({ labels: ['weight'], predict }, parsed())).toMatch(/predicts weight, and no task/)
    expect(refusal({ labels: ['box'], predict }, parsed())).toBeUndefined()
    expect(predict).not.toHaveBeenCalled()
  })
})
