import { describe, expect, it } from 'vitest'
import { evaluationPage } from './evaluation-page.ts'
import { metricOf, metricText } from './measured-number.ts'

describe('metricOf', () => {
  it('reads the unit of the number, then of its name, then of its samples', () => {
    expect(metricText(metricOf('navigation.none', [], { unit: 'fraction' }), 0.125)).toBe('12.5 %')
    expect(metricText(metricOf('difference', [], { unit: 'points' }), -0.125)).toBe('-12.5 %')
    expect(metricText(metricOf('drive.success'), 0.125)).toBe('12.5 %')
    expect(metricText(metricOf('right', [0, 1, 1, 0]), 0.5)).toBe('50.0 %')
    expect(metricText(metricOf('right', [0, 0.5]), 0.25)).toBe('0.25')
  })

  it('takes no mean rank for a fraction, even where every rank is 1', () => {
    expect(metricText(metricOf('imageToText.MeanR', [1, 1], { better: 'min' }), 1)).toBe('1')
  })
})

it('a difference is shown in percent from −100 to 100, and is not said to be right or wrong', () => {
  const difference = { value: 0.75, interval: [0.5, 0.9], better: 'max', unit: 'points', count: 8 } as const
  const findings = { metrics: { difference }, headline: ['difference'], samples: {}, sections: [] }
  const markup = evaluationPage({
    ...{ suite: 'mine', directory: 'runs/mine', aggregate: {}, tests: { tabletop: { obedience: findings } } },
    provenance: {
      ...{ model: {}, data: {}, versions: {}, seed: 1, command: [], settings: {} },
      suite: { name: 'mine', seed: 1, tests: {} },
    },
  } as never)
  expect(markup).toContain('<td class="number">75.0 %</td>')
  expect(markup).toContain('Bar: −100 to 100 %')
  expect(markup).toContain('style="left:75%;width:20%"')
  expect(markup).not.toContain('Right more often than not')
})
