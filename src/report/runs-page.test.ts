import { describe, expect, it } from 'vitest'
import { exampleRun, exampleRuns } from '../../test/support/report-examples.ts'
import { runsPage } from './runs-page.ts'

const sectionOf = (markup: string, id: string) =>
  markup.split(`<section id="${id}">`)[1]?.split('</section>')[0]
const rowsOf = (part: string) =>
  Array.from(part.matchAll(/<tr>(.*?)<\/tr>/g), (row) =>
    Array.from(row[1]!.matchAll(/<td[^>]*>(.*?)<\/td>/g), (cell) => cell[1]!.replace(/<(?!\/?b)[^>]*>/g, '')),
  ).slice(1)
const plots = (markup: string) =>
  Array.from(markup.matchAll(/<svg color="#737b86" role="img" aria-label="([^"]*)"/g), ([, title]) => title)

describe('runsPage', async () => {
  const markup = await runsPage(exampleRuns())

  it('says where each run stands: stopped, best, time and rate', () => {
    expect(rowsOf(sectionOf(markup, 'runs')!)).toEqual([
      [
        'first',
        'contrastive',
        'finished',
        '40',
        '4.0 of 4',
        '39.0 %, imageToText.R@1, step 40',
        '1 min 15 s',
        '512',
      ],
      [
        'second',
        'contrastive',
        'finished',
        '40',
        '4.0 of 4',
        '39.0 %, imageToText.R@1, step 40',
        '1 min 15 s',
        '512',
      ],
      ['third', 'masked', 'stopped, or still in training', '20', '2.0 of 4', '–', 'about 2.0 s', 'about 640'],
    ])
    expect(sectionOf(markup, 'before-you-compare')).toContain(
      'Without final numbers, as not finished: third.',
    )
  })

  it('draws the losses of each objective apart, and everything else of all runs together', () => {
    expect(plots(markup)).toEqual([
      'Loss, contrastive',
      'Loss, masked',
      'Recall at 1, validation',
      'Throughput',
    ])
    expect(sectionOf(markup, 'before-you-compare')).toContain(
      'The objectives differ (contrastive and masked): their losses are on different scales',
    )
  })

  it('gives each run a colour and dashes that are the same in every plot', () => {
    const [together, apart] = markup.split('<figure>').slice(1) as [string, string]
    const strokes = (figure: string) =>
      new Set(
        Array.from(
          figure.matchAll(/stroke="(#\w+)" stroke-width="2"[^>]*?stroke-dasharray="([\d,]+)"/g),
          ([, color, dashes]) => `${color} ${dashes}`,
        ),
      )
    expect([...strokes(together)]).toEqual(['#4c8df6 1,0', '#e8710a 7,3'])
    expect([...strokes(apart)]).toEqual(['#12a37f 2,3'])
  })

  it('counts samples where the batches differ in size, steps where not', async () => {
    expect(markup).toContain('>samples</text>')
    const alike = await runsPage([exampleRun('a'), exampleRun('b')])
    expect(alike).not.toContain('>samples</text>')
    expect(alike).toContain('>step</text>')
  })

  it('has numbers of all finished runs in one table, the best in bold, and the others in another', () => {
    expect(rowsOf(sectionOf(markup, 'final-numbers')!)).toContainEqual([
      'Shapes · Image to text · R@1',
      '41.5 %',
      '<b title="best">52.0 %</b>',
    ])
    expect(rowsOf(sectionOf(markup, 'numbers-that-only-some-have')!)).toEqual([
      ['Shapes · Gallery', '24', '–'],
      ['Shapes · Words', '–', '9'],
    ])
  })

  it('warns of tests and validations on different data, and calls none of their numbers best', async () => {
    const [first, second] = exampleRuns()
    const other = { kind: 'folder', directory: 'other' }
    const page = await runsPage([first!, { ...second!, tests: { shapes: other }, validation: other }])
    const cautions = sectionOf(page, 'before-you-compare')
    expect(cautions).toContain('The test Shapes uses different data in these runs')
    expect(cautions).toContain('The validation uses different data in these runs')
    expect(page).not.toContain('<b title="best">')
  })

  it('lists only the keys that differ, by path', async () => {
    expect(rowsOf(sectionOf(markup, 'differences-of-the-recipes')!)).toEqual([
      ['name', '&quot;first&quot;', '&quot;second&quot;', '&quot;third&quot;'],
      ['seed', '7', '8', '7'],
    ])
    const run = exampleRun('a')
    const same = await runsPage([run, { ...run, name: 'b' }])
    expect(same).toContain('The recipes are the same, key by key.')
    expect(sectionOf(same, 'before-you-compare')).toBeUndefined()
  })

  it('says that a recipe has no such key', async () => {
    const page = await runsPage([exampleRun('a'), exampleRun('b', { config: { name: 'a', seed: 7 } })])
    expect(rowsOf(sectionOf(page, 'differences-of-the-recipes')!)).toEqual([['model.width', '192', '–']])
  })

  it('is the same page for the same input', async () => {
    expect(await runsPage(exampleRuns())).toBe(markup)
  })
})
