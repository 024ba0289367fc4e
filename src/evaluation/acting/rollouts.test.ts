import { describe, expect, test } from 'vitest'
import { actingSubject, followWorld, obedientPolicy } from '../../../test/support/acting-subject.ts'
import { rollouts, rolloutsEvaluator } from './rollouts.ts'
import { worstFirst } from './worst-episodes.ts'

const attention = async () => Array.from({ length: 16 }, (_, i) => (i === 5 ? 1 : 0))

const parsed = (options: Parameters<typeof rollouts>[0]) => rolloutsEvaluator.schema.parse(rollouts(options))

describe('success in physics', () => {
  const world = followWorld()
  const splits = ['heldOutScenes', 'heldOutPairs'] as const

  test('comes by split and task with Wilson’s interval and the control', async () => {
    const { subject } = actingSubject(obedientPolicy(world))
    const options = parsed({
      episodes: 2,
      splits: [...splits],
      tasks: ['detection', 'manipulation'],
      film: false,
    })
    const { metrics, headline, samples, sections, figures } = await rolloutsEvaluator.evaluate(
      subject,
      options,
    )
    expect(headline).toEqual(['heldOutScenes.success', 'heldOutPairs.success'])
    // Detection at the table and on the floor, manipulation at the table only.
    expect(metrics['heldOutScenes.success']).toMatchObject({ value: 1, count: 4, better: 'max' })
    expect(metrics['heldOutScenes.manipulation']).toMatchObject({ value: 1, count: 2 })
    expect(metrics['heldOutScenes.manipulation']!.interval![0]).toBeCloseTo(0.3424, 4)
    expect(metrics['heldOutScenes.success.otherCommands']!.value).toBeLessThan(1)
    expect(metrics['heldOutScenes.success.otherCommands']).not.toHaveProperty('better')
    expect(samples['heldOutPairs.detection']!.ids).toHaveLength(4)
    expect(samples['heldOutPairs.detection']!.values).toEqual([1, 1, 1, 1])
    expect(figures![0]).toMatchObject({ value: '100.0 %' })
    expect(sections.map(({ title }) => title)).toEqual([
      'Success in physics',
      'Worst episodes',
      'Episodes that succeeded',
    ])
    expect(sections[1]!.body.toString()).toContain('There are none')
  })

  test('shows the worst episodes with where the model looked, and a film', async () => {
    const policy = {
      ...obedientPolicy(world),
      attention,
      predict: async () => ({ joints: [0, 0, 0, 1, 0, 0, 0] }),
    }
    const { subject } = actingSubject({ ...policy, labels: ['joints'] })
    const { metrics, sections } = await rolloutsEvaluator.evaluate(
      subject,
      parsed({ episodes: 1, splits: ['heldOutScenes'] }),
    )
    expect(metrics['heldOutScenes.manipulation']).toMatchObject({ value: 0, count: 1 })
    const [, worst, right, film] = sections.map(({ body }) => body.toString())
    expect(worst).toMatch(
      /class="attention"[\s\S]*manipulation ✗ hand \d+\.\d cm from the thing[\s\S]*true box/,
    )
    expect(right).toContain('There are none')
    expect(film).toMatch(/data:image\/webp/)
  })

  test('fails worse with more failures, then farther from success; a refused trial is farthest', () => {
    const tried = (id: string, ...errors: readonly (number | 'refused' | 'right')[]) => ({
      id,
      outcomes: Object.fromEntries(
        errors.map((error, i) => [
          i,
          {
            success: error === 'right',
            measures: { distance: Number(error) || 0 },
            ...(error === 'refused' && { refusal: 'world/unreachable' }),
          },
        ]),
      ),
    })
    const all = [
      tried('near', 0.1, 'right'),
      tried('right', 'right'),
      tried('far', 0.4),
      tried('two', 0.1, 0.2),
    ]
    expect(worstFirst([...all, tried('refused', 'refused')]).map(({ id }) => id)).toEqual([
      'two',
      'refused',
      'far',
      'near',
    ])
  })
})
