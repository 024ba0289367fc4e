import { describe, expect, it } from 'vitest'
import { exampleComparison, markupText } from '../../test/support/report-examples.ts'
import { comparisonOutcome, comparisonPage } from './comparison-page.ts'

const { accuracy, margin } = exampleComparison.tests.heldOutStyle!.zeroShot!.metrics

describe('comparisonOutcome', () => {
  it.each([
    [1, [0.5, 2], 'max', 'b'],
    [1, [0.5, 2], 'min', 'a'],
    [-1, [-2, -0.5], 'max', 'a'],
    [-1, [-2, -0.5], 'min', 'b'],
    [1, [0, 2], 'max', 'none'],
    [1, [-0.1, 2], 'max', 'none'],
    [Number.NaN, [0.5, 2], 'max', 'unknown'],
    [1, [Number.NaN, 2], 'max', 'unknown'],
  ] as const)('%d in %j, %s → %s', (difference, interval, better, outcome) => {
    const first = { ...accuracy!.first, better }
    expect(comparisonOutcome({ ...accuracy!, first, paired: { difference, interval, pairs: 9 } })).toBe(
      outcome,
    )
  })

  it('has no better model by a number that is neither good nor bad, that is not paired, or that is none', () => {
    const { better: _, ...neutral } = accuracy!.first
    expect(comparisonOutcome({ ...accuracy!, first: neutral })).toBe('differs')
    expect(comparisonOutcome(margin!)).toBe('unpaired')
    expect(comparisonOutcome({ ...accuracy!, second: { ...neutral, value: Number.NaN } })).toBe('unknown')
  })
})

describe('comparisonPage', () => {
  const markup = comparisonPage(exampleComparison)

  it('counts by how many numbers each is better, and for how many nothing is shown', () => {
    const titles = Array.from(
      markup.split('id="held-out-style"')[0]!.matchAll(/<h3>(.*?)<\/h3>/g),
      (m) => m[1],
    )
    expect(titles).toEqual([
      'B, second, is better: 1 of 3',
      'A, first, is better: 1 of 3',
      'No difference shown: 1 of 3',
    ])
    expect(markup).toContain('<li>Held-out style · Zero shot · Accuracy +3.0 points</li>')
  })

  it('tells both values, the difference with its interval, p and pairs', () => {
    const row = markup.split('<tr>').find((row) => row.includes('>Accuracy<'))!
    const cells = Array.from(row.matchAll(/<td[^>]*>(.*?)<\/td>/g), (match) =>
      match[1]!.replace(/<[^>]*>/g, ''),
    )
    expect(cells).toEqual([
      'Accuracy',
      '90.0 %',
      '93.0 %',
      '+3.0 points',
      '',
      '+1.0 to +5.0 points',
      '&lt; 0.001',
      '200',
      'B is betteronly A 2, only B 8',
    ])
    const names = Array.from(markup.matchAll(/<tr><td[^>]*>([^<]*)</g), ([, name]) => name)
    expect(names).toEqual(['Accuracy', 'F1', 'Mean squared error, less is better', 'Margin'])
    expect(markup.split('<tr>').find((row) => row.includes('>Margin<'))).toContain('not paired')
    expect(markup.split('<tr>').find((row) => row.includes('>F1<'))).toContain('no difference shown')
  })

  it('draws a difference on the side of better, where less is better too', () => {
    const row = markup.split('<tr>').find((row) => row.includes('Mean squared error, less is better'))!
    // B is worse by 0.25 (0.125 to 0.375) over an axis of ±0.4125: 0 stands at 50 %, B's value left of it.
    expect(row).toContain('<i class="reference" style="left:50%">')
    expect(row).toContain(
      '<i class="range" style="left:4.55%;width:30.3%"></i><i class="tick" style="left:19.7%">',
    )
  })

  it('has the sections of each data set, and names two models of one name by their directories', () => {
    expect(markup).toContain('<h3>Hardest queries</h3>')
    expect(markup).not.toContain(markupText)
    const same = comparisonPage({ ...exampleComparison, models: ['runs/first', 'others/first'] })
    expect(same).toContain('<h1>runs/first and others/first</h1>')
  })
})
