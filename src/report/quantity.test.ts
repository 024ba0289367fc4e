import { describe, expect, it } from 'vitest'
import { formatBytes, formatDuration, formatNumber, humanize, quantity } from './quantity.ts'

describe('quantity', () => {
  it('reads the unit from the end of the name', () => {
    expect(quantity('samplesPerSecond', 1183.4)).toEqual({ label: 'Samples per second', text: '1,183' })
    expect(quantity('dataWaitFraction', 0.0041)).toEqual({ label: 'Data wait', text: '0.4 %' })
    expect(quantity('peakMemoryBytes', 812_345_678)).toEqual({ label: 'Peak memory', text: '812 MB' })
    expect(quantity('trainSeconds', 272.6)).toEqual({ label: 'Train time', text: '4 min 32 s' })
    expect(quantity('medianErrorMetres', 0.0134)).toEqual({ label: 'Median error', text: '1.3 cm' })
    expect(quantity('meanRotationErrorRadians', 0.1)).toEqual({ label: 'Mean rotation error', text: '5.7°' })
    expect(quantity('meanOverlap', 0.8345)).toEqual({ label: 'Mean overlap', text: '83.5 %' })
    expect(quantity('success', 1)).toEqual({ label: 'Success', text: '100.0 %' })
    expect(quantity('accuracy', 0)).toEqual({ label: 'Accuracy', text: '0.0 %' })
    expect(quantity('R@5', 45.2)).toEqual({ label: 'R@5', text: '45.2 %' })
    expect(quantity('bestStep', 2400)).toEqual({ label: 'Best step', text: '2,400' })
    expect(quantity('device', 'cpu')).toEqual({ label: 'Device', text: 'cpu' })
  })
})

describe('formats', () => {
  it('give durations from seconds to hours', () => {
    expect([0, 8.24, 59.2, 60, 3599, 3661].map(formatDuration)).toEqual([
      '0.0 s',
      '8.2 s',
      '59 s',
      '1 min 0 s',
      '59 min 59 s',
      '1 h 1 min',
    ])
  })

  it('give bytes in decimal units', () => {
    expect([0, 1, 999, 1000, 1_340_000_000].map(formatBytes)).toEqual([
      '0 B',
      '1 B',
      '999 B',
      '1.0 kB',
      '1.3 GB',
    ])
  })

  it('give numbers with all their digits, or the decimals asked for, and no exception for what is not finite', () => {
    expect([1660, 1_234_567.89, 0.001, 1e-7, 0].map((value) => formatNumber(value))).toEqual([
      '1,660',
      '1,234,568',
      '0.001',
      '0.0000001',
      '0',
    ])
    expect(formatNumber(45.18, 1)).toBe('45.2')
    expect(formatNumber(Number.NaN)).toBe('NaN')
    expect(formatNumber(Number.POSITIVE_INFINITY)).toBe('∞')
  })

  it('give words for names', () => {
    const names = ['heldOutStyle', 'emoji', 'R@1', 'folder:Photos?captions=All.csv']
    expect(names.map(humanize)).toEqual(['Held-out style', 'Emoji', 'R@1', 'folder:Photos?captions=All.csv'])
  })
})
