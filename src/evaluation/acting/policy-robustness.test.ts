import { describe, expect, test } from 'vitest'
import { actingSubject, followWorld, obedientPolicy } from '../../../test/support/acting-subject.ts'
import { DataError } from '../../core/index.ts'
import { axisNames } from './axes/index.ts'
import { policyRobustness, policyRobustnessEvaluator } from './policy-robustness.ts'

const parsed = (options: Parameters<typeof policyRobustness>[0] = {}) =>
  policyRobustnessEvaluator.schema.parse(policyRobustness(options))

describe('robustness of a policy', () => {
  const world = followWorld()

  test('is measured on the same scenes under each axis, with its control, and what is lost is paired', async () => {
    const { subject } = actingSubject(obedientPolicy(world), 7)
    const options = parsed({
      axes: ['language', 'latency'],
      severities: [1, 5],
      episodes: 2,
      tasks: ['navigation'],
    })
    const found = await policyRobustnessEvaluator.evaluate(subject, options)
    const { metrics, headline, samples, details } = found
    expect(headline).toEqual(['success', 'drop'])
    expect(metrics.clean).toMatchObject({ value: 1, count: 2 })
    expect(metrics['clean.otherCommands']).toMatchObject({ value: 0, count: 2 })
    expect(metrics['language.1']).toMatchObject({ value: 1, count: 2 })
    // It reads the grammar only, which typos are none of.
    expect(metrics['language.5']).toMatchObject({ value: 0, count: 2 })
    expect(metrics.language).toMatchObject({ value: 0.5 })
    expect(metrics['language.drop']).toMatchObject({ value: 0.5, interval: [0.5, 0.5], better: 'min' })
    expect(samples['language.drop']!.values).toEqual([0.5, 0.5])
    // Who is late by 0.8 s ends elsewhere, wherever it looked again on the way.
    expect(metrics['latency.1']!.value).toBe(1)
    expect(metrics['latency.5']!.value).toBeLessThan(1)
    const { refused, levels } = details as Record<string, Record<string, unknown>>
    expect(Object.keys(refused!)).toHaveLength(4)
    expect(levels!.latency).toMatchObject({ 5: '800 ms from image to action' })
    const drops = ['language', 'latency'].map((axis) => metrics[`${axis}.drop`]!.value)
    expect(metrics.drop!.value).toBeGreaterThan(Math.min(...drops))
    expect(metrics.drop!.value).toBeLessThan(Math.max(...drops))
    const [curves, , pictures] = found.sections.map(({ body }) => body.toString())
    expect(curves).toMatch(/<svg[\s\S]*Language[\s\S]*As they are/)
    expect(pictures).toMatch(/Language, severity 5[\s\S]*Latency, severity 5/)
  })

  test('counts a command that the policy takes for none as a failure', async () => {
    const told = obedientPolicy(world)
    const policy = {
      ...told,
      predict: async (observation: Parameters<typeof told.predict>[0]) => {
        if (/^(please|now|could|can|would|your|i'd)/i.test(observation.command!))
          return told.predict(observation)
        throw new DataError('data/no-command', 'it has no word that it learned')
      },
    }
    const { subject } = actingSubject(policy)
    const options = parsed({
      axes: ['language'],
      severities: [1],
      episodes: 1,
      tasks: ['navigation'],
    })
    const { metrics, sections } = await policyRobustnessEvaluator.evaluate(subject, options)
    expect(metrics.clean).toMatchObject({ value: 0, count: 1 })
    expect(metrics['language.1']).toMatchObject({ value: 1, count: 1 })
    expect(metrics.drop).toMatchObject({ value: -1 })
    expect(metrics).not.toHaveProperty('clean.otherCommands') // a single scene has no other
    expect(sections.at(-1)!.body.toString()).toContain('Language, severity 1')
  })

  test('leaves out what changes nothing in the tasks, and says so; asked for it, refuses', async () => {
    const policy = { ...obedientPolicy(world), labels: ['joints'] }
    const { subject } = actingSubject(policy)
    const refusal = (axes?: typeof axisNames) =>
      policyRobustnessEvaluator.refusal(subject, parsed(axes ? { axes: axes as never } : {}))
    expect(refusal()).toBeUndefined()
    expect(refusal(['camera', 'latency'])).toBe('latency changes nothing in its tasks (manipulation)')
  })

  test('takes what LIBERO-plus has, at three of five severities, by default', () => {
    expect(axisNames).toEqual([
      'camera',
      'posture',
      'language',
      'light',
      'background',
      'noise',
      'layout',
      'latency',
    ])
    expect(parsed()).toMatchObject({ severities: [1, 3, 5], episodes: 10 })
    expect(() => parsed({ severities: [6 as never] })).toThrow()
    expect(() => parsed({ axes: ['weather' as never] })).toThrow()
  })
})
