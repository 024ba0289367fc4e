import { describe, expect, it } from 'vitest'
import { type LinePlot, linePlot, pngOf } from './plot.ts'
import { smooth } from './smooth.ts'

const line = (count: number, y: (x: number) => number) =>
  Array.from({ length: count }, (_, x) => ({ x, y: y(x) }))
const plot: LinePlot = {
  title: 'Loss',
  x: { title: 'step' },
  y: { title: 'loss', scale: 'data' },
  series: [{ name: 'train', points: line(100, (x) => 5 / (1 + x)), smooth: true }],
}
const first = plot.series[0]!
/** The strokes drawn in a plot: [width, number of points]. */
const strokes = (svg: string) =>
  [...svg.matchAll(/<path[^>]* d="(M[^"]*)"[^>]* stroke="#[^>]*stroke-width="(\d)"/g)].map((match) => [
    Number(match[2]),
    match[1]!.split(/[ML]/).length - 1,
  ])

describe('linePlot', () => {
  it('is the same text for the same input', async () => {
    expect(await linePlot(plot)).toBe(await linePlot(structuredClone(plot)))
  })

  it('draws a smoothed line over its faint points, in the colour of the text around it', async () => {
    const svg = await linePlot(plot)
    expect(strokes(svg)).toEqual([
      [1, 100],
      [2, 100],
    ])
    expect(svg).toMatch(/^<svg color="#737b86" /)
    expect(svg).toContain('fill="currentColor"')
    expect(svg).not.toMatch(/(fill|stroke)="(#000|#fff|black|white)"/)
  })

  it('leaves out what is not finite, and on a logarithmic axis what is not positive', async () => {
    const points = line(50, (x) => [Number.NaN, Number.POSITIVE_INFINITY, 0, -1][x] ?? x)
    const drawn = async (scale: 'data' | 'log') => {
      const svg = await linePlot({ ...plot, y: { title: 'norm', scale }, series: [{ name: 'norm', points }] })
      expect(svg).not.toMatch(/NaN|Infinity/)
      return strokes(svg)
    }
    expect(await drawn('data')).toEqual([[2, 48]])
    expect(await drawn('log')).toEqual([[2, 46]])
  })

  it('shows dots where points are few, and a legend where lines are several', async () => {
    const validation = { name: 'validation', points: line(1, () => 3) }
    const svg = await linePlot({ ...plot, series: [first, validation] })
    expect(svg).toContain('aria-roledescription="point"')
    expect(svg).toContain('>validation</text>')
    expect(await linePlot(plot)).not.toContain('aria-roledescription="point"')
  })

  it('labels a single point by its numbers, and a logarithmic axis without a round number by its ends', async () => {
    const labels = async (scale: 'data' | 'log', points: LinePlot['series'][number]['points']) => {
      const svg = await linePlot({ ...plot, y: { title: 'y', scale }, series: [{ name: 'y', points }] })
      return [...svg.matchAll(/>([\d.]+)<\/text>/g)].map(([, label]) => label)
    }
    expect(await labels('data', [{ x: 12345, y: 3.97937812 }])).toEqual(['12345', '3.979'])
    expect(await labels('log', [{ x: 10, y: 3.97937812 }])).toEqual(['10', '3.98'])
    const between = await labels(
      'log',
      line(3, (x) => 2.5 + x),
    )
    expect(between.slice(-2)).toEqual(['2.5', '4.5'])
  })

  it('draws intervals as bars, over the range of the axis that they need', async () => {
    const points = [
      { x: 0, y: 0.5, interval: [0.4, 0.6] },
      { x: 1, y: 0.3, interval: [0.1, 0.9] },
      { x: 2, y: 0.2 },
    ] as const
    const drawn = { ...plot, y: { title: 'share', scale: 'zero' }, series: [{ name: 'a', points }] } as const
    const svg = await linePlot(drawn)
    expect(svg.match(/aria-roledescription="rule mark"/g)).toHaveLength(2)
    expect(svg).toContain('>0.8</text>')
    expect(svg.match(/>share<\/text>/g)).toHaveLength(1)
    const without = { ...drawn, series: [{ name: 'a', points: points.map(({ x, y }) => ({ x, y })) }] }
    expect(await linePlot(without)).not.toContain('rule mark')
  })

  it('escapes names', async () => {
    const svg = await linePlot({ ...plot, title: '<script>&' })
    expect(svg).toContain('&lt;script&gt;&amp;')
  })

  it('survives a series without points', async () => {
    for (const scale of ['data', 'log'] as const) {
      const empty = { ...plot, y: { title: 'y', scale }, series: [{ name: 'nothing', points: [] }] }
      expect(strokes(await linePlot(empty))).toEqual([])
    }
  })
})

describe('pngOf', () => {
  it('is a PNG of the width asked for', async () => {
    const png = Buffer.from(await pngOf(await linePlot(plot), 300))
    expect(png.toString('latin1', 1, 4)).toBe('PNG')
    expect(png.readUInt32BE(16)).toBe(300)
  })
})

describe('smooth', () => {
  it('keeps a constant and a single value, and changes nothing with sigma 0', () => {
    for (const value of smooth([3, 3, 3], 1)) expect(value).toBeCloseTo(3, 12)
    expect(smooth([4], 2)).toEqual([4])
    expect(smooth([1, 9, 2], 0)).toEqual([1, 9, 2])
  })

  it('has no lag: a straight line stays where it is, away from its ends', () => {
    const straight = Array.from({ length: 21 }, (_, i) => 2 * i)
    expect(smooth(straight, 2)[10]).toBeCloseTo(20, 12)
  })

  it('weighs neighbours by a Gaussian', () => {
    const near = Math.exp(-1 / (2 * 0.25))
    expect(smooth([0, 1, 0], 0.5)[1]).toBeCloseTo(1 / (1 + 2 * near), 12)
  })
})
