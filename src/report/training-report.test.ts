import { describe, expect, it } from 'vitest'
import { attentionOver } from './attention.ts'
import { policyReport } from './policy-report.ts'
import { retrievalReport } from './retrieval-report.ts'
import { searchPage } from './search-page.ts'
import { type TrainingReport, trainingReport } from './training-report.ts'

const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const jpeg = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0])
const recalls = (recall: number) => ({ 'R@1': recall, 'R@5': 60, 'R@10': 70, MedR: 2, MeanR: 3 })
const evil = '"><script>alert(1)</script>'

const makeReport = (): TrainingReport => ({
  title: `emoji ${evil}`,
  summary: {
    samplesPerSecond: 1200,
    trainSeconds: 272,
  },
  results: retrievalReport({
    heldOutStyle: { imageToText: recalls(45.2), textToImage: recalls(42.7), gallery: 1660 },
  }),
  metrics: Array.from({ length: 20 }, (_, i) => ({
    step: i,
    loss: 5 - i / 10,
    learningRate: 1e-3,
    gradientNorm: 1 + i,
    samplesPerSecond: 1200,
    dataWaitFraction: 0.01,
    ...(i % 10 === 9 && { validation: { heldOutStyle: { loss: 3, imageToText: recalls(i) } } }),
  })),
  grids: [
    {
      title: 'Text → image',
      queries: [
        {
          query: { caption: evil },
          retrieved: [
            { rank: 1, similarity: 0.83, correct: false, picture: png, caption: evil },
            { rank: 2, similarity: 0.5, correct: true, picture: jpeg, caption: 'kite' },
          ],
        },
      ],
    },
  ],
  config: { seed: 7, model: { width: 192, scale: [0.8, 1] }, augment: [{ name: evil }] },
})
const report = makeReport()

/** Contrast of two colours by WCAG 2.2, from 1 to 21. */
function contrast(...colors: [string, string]): number {
  const [a, b] = colors.map((color) => {
    const [red, green, blue] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(color.slice(at, at + 2), 16) / 255
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    }) as [number, number, number]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05
  }) as [number, number]
  return Math.max(a / b, b / a)
}

const headings = (markup: string) => Array.from(markup.matchAll(/<h2>(.*?)<\/h2>/g), (match) => match[1])
const plots = (markup: string) =>
  Array.from(markup.matchAll(/<text[^>]*font-size="14px"[^>]*>(.*?)<\/text>/g), (m) => m[1])

describe('trainingReport', async () => {
  const markup = await trainingReport(report)

  it('shows retrieval, grids, curves, numbers and configuration', () => {
    expect(headings(markup)).toEqual([
      'Retrieval',
      'Text → image',
      'Training',
      'Final numbers',
      'Configuration',
    ])
    expect(plots(markup)).toEqual([
      'Loss',
      'Recall at 1, validation',
      'Learning rate',
      'Gradient norm, before clipping',
      'Throughput',
      'Waiting for data',
    ])
    expect(markup).toContain('>validation · held-out style</text>')
    expect(markup).toContain('<dd class="value">45.2 %</dd>')
    expect(markup).toContain('<code>model.scale</code></td><td class="text"><code>[0.8,1]</code>')
    expect(markup).toContain('<li class="wrong"><div class="place"><b title="wrong">1 ✗</b><span>0.83</span>')
    expect(markup).toContain('<li class="right"><div class="place"><b title="right">2 ✓</b><span>0.50</span>')
  })

  it('needs nothing from elsewhere and runs nothing', () => {
    expect(markup).not.toMatch(/<script|<link|@import|url\(|javascript:/)
    const addresses = Array.from(markup.matchAll(/\b(?:src|href)="([^"]*)"/g), (match) =>
      match[1]!.slice(0, 15),
    )
    expect(addresses).toEqual(['data:image/png;', 'data:image/jpeg'])
    expect(markup.split('&quot;&gt;&lt;script&gt;')).toHaveLength(1 + 6) // title twice, query, caption twice, configuration
  })

  it('is the same page for the same input', async () => {
    expect(await trainingReport(makeReport())).toBe(markup)
  })

  it('draws stage and difficulty of a run with a sampler', async () => {
    const metrics = report.metrics.map((row, i) => ({
      ...row,
      curriculumStage: 1 + Math.floor(i / 10),
      difficulty: i / 20,
      targetDifficulty: 0.3,
    }))
    const drawn = await trainingReport({ ...report, metrics })
    expect(plots(drawn).slice(2, 4)).toEqual(['Stage of the curriculum', 'Difficulty'])
    expect(drawn).toContain('>target</text>')
    const stages = drawn.split('<figure>').find((figure) => figure.includes('>Stage of the curriculum<'))
    const ticks = Array.from(stages!.matchAll(/>([\d.]+)<\/text>/g), (match) => match[1])
    expect(ticks.slice(-3), 'each stage once on the axis').toEqual(['0', '1', '2'])
  })

  it('leaves out what a run has not: numbers, retrieval, curves, grids', async () => {
    const bare = await trainingReport({
      title: report.title,
      config: report.config,
      results: retrievalReport({}),
      metrics: [],
      grids: [],
    })
    expect(headings(bare)).toEqual(['Configuration'])
    expect(bare).not.toMatch(/undefined|NaN/)
  })

  it('refuses bytes that are no picture', async () => {
    const picture = Uint8Array.from([1, 2, 3])
    const grids = [{ title: 'x', queries: [{ query: { caption: 'x', picture }, retrieved: [] }] }]
    await expect(trainingReport({ ...report, metrics: [], grids })).rejects.toMatchObject({
      code: 'report/unknown-picture',
    })
  })
})

describe('a policy in a report', async () => {
  const shot = {
    picture: png,
    title: `“${evil}”`,
    marks: [
      { name: 'found box', place: [0.25, 0.5, 0.75, 1] },
      { name: 'true box', place: [0, 0, 0.5, 0.5] },
    ],
    lines: ['✗ Detection: overlap 3.2 %', '61 % of the attention in the true box'],
    attention: [0.1, 0.4, 0.4, 0.1],
  }
  const markup = await trainingReport({
    ...report,
    summary: { best: { step: 40, value: 0.6125 } },
    monitor: 'detection.success',
    results: policyReport({
      scenes: {
        success: 0.5,
        detection: { success: 0.5, shuffledSuccess: 0.25, meanOverlap: 0.613, accuracy: 0.9 },
      },
    }),
    grids: [
      { title: 'Scenes: commands', note: 'how', strips: [{ title: 'Worst of detection', pictures: [shot] }] },
    ],
  })

  it('shows found and true boxes, commands, errors, and where it looked', () => {
    expect(headings(markup).slice(0, 2)).toEqual(['Right answers', 'Scenes: commands'])
    expect(markup).toContain('<h4>Worst of detection</h4>')
    expect(markup).toContain('<path class="line box" d="M0.25 0.5H0.75V1H0.25Z"/>')
    expect(markup).toContain(
      '<span class="mark mark0">found box</span><span class="mark mark1">true box</span>',
    )
    expect(markup).toContain('<span>✗ Detection: overlap 3.2 %</span>')
    expect(markup.split('&quot;&gt;&lt;script&gt;')).toHaveLength(1 + 4) // title twice, command, configuration
    const [attention] = markup.match(/<svg class="attention".*?<\/svg>/)!
    const shades = Array.from(attention.matchAll(/fill-opacity="([^"]*)"/g), ([, shade]) => Number(shade))
    expect(shades.map((shade) => shade > 0)).toEqual([true, false, false, true])
    expect(markup).not.toMatch(/<script|<link|@import|url\(/)
  })

  it('gives percentages as percentages', () => {
    expect(markup).toContain('<dd class="value">50.0 %</dd>')
    expect(markup).toContain('mean overlap 61.3 %, accuracy 90.0 %')
    expect(markup).toContain('<td class="text">Best · Detection · Success</td><td class="number">61.3 %</td>')
  })
})

describe('attentionOver', () => {
  it('is nothing for weights that are no square, or all zero', () => {
    expect(attentionOver([])).toBeUndefined()
    expect(attentionOver([0.5, 0.5])).toBeUndefined()
    expect(attentionOver([0, 0, 0, 0])).toBeUndefined()
  })
})

describe('searchPage', () => {
  it('is a grid of rank, picture, similarity and file under the words asked for, pictures on grey', () => {
    const markup = searchPage({
      query: 'a <red> bird',
      results: [{ file: 'photos/<1>.jpg', similarity: 0.3412, picture: jpeg }],
    })
    expect(markup).toContain('<h1>a &lt;red&gt; bird</h1>')
    expect(markup).toContain('The nearest 1 picture<')
    expect(markup).toContain('<li><img class="tile" src="data:image/jpeg;base64,/9j/4A=="')
    expect(markup).toContain('<div class="place"><b>1</b><span>0.341</span></div>')
    expect(markup).toContain('title="photos/&lt;1&gt;.jpg"><span>photos/</span>&lt;1&gt;.jpg</div>')
    const [, light, dark] = markup.match(/--tile: (#\w+);[\s\S]*--tile: (#\w+);/)!
    for (const tile of [light!, dark!]) {
      expect(contrast(tile, '#ffffff'), `white on ${tile}`).toBeGreaterThan(1.9)
      expect(contrast(tile, '#000000'), `black on ${tile}`).toBeGreaterThan(4.5)
    }
  })
})
