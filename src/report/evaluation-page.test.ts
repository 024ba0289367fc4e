import { describe, expect, it } from 'vitest'
import { exampleEvaluation, markupText } from '../../test/support/report-examples.ts'
import { evaluationPage } from './evaluation-page.ts'

const markup = evaluationPage(exampleEvaluation)
const sectionOf = (id: string) => markup.split(`<section id="${id}">`)[1]!.split('</section>')[0]!

describe('evaluationPage', () => {
  it('begins with means and what they hide, and with intervals where there is one data set', () => {
    const figures = markup.split('<dl class="figures">')[1]!.split('</dl>')[0]
    expect(figures).toContain('<dt>Zero shot · Accuracy</dt><dd class="value">60.0 %</dd>')
    expect(figures).toContain('mean of 2 data sets; worst 30.0 % on Held-out concepts')
    expect(figures).toContain('<dt>Retrieval · Image to text · R@1</dt><dd class="value">44.7 %</dd>')
    expect(figures).toContain('42.3 to 47.1\u00a0%, 95\u00a0% interval; 200 samples of Held-out style')
  })

  it('begins with what could not be measured, if anything', () => {
    expect(markup).not.toContain('Not measured')
    const failed = [
      { test: 'heldOutStyle', evaluator: 'zeroShot', code: 'data/no-labels', message: 'no label <b>' },
    ]
    const sections = evaluationPage({ ...exampleEvaluation, failed }).split('<section ')
    expect(sections[1]).toMatch(/Not measured[\s\S]*Held-out style[\s\S]*no label &lt;b>|no label &lt;b&gt;/)
    expect(sections[2]).toContain('id="verdict"')
  })

  it('draws the intervals of a metric over one axis, and tells count, mean, spread and worst', () => {
    const verdict = sectionOf('verdict')
    expect(verdict).toContain(
      'Mean of 2 data sets 60.0 %, standard deviation 42.4 %. Worst: 30.0 % on Held-out concepts.',
    )
    expect(verdict).toContain('Bar: 0 to 100 %')
    expect(verdict).toContain(
      'aria-label="90.0 %, 95 % interval 85.0 to 94.0 %"><i class="range" style="left:85%;width:9%"></i><i class="tick" style="left:90%">',
    )
    expect(verdict).toContain('<i class="range" style="left:42.3%;width:4.8%"></i>')
    expect(verdict).toContain('<td class="number" data-title="samples">1,660</td>')
    expect(verdict).toContain('<h3>Retrieval</h3>')
    expect(verdict).toContain('<th scope="row">Image to text · R@1, Held-out style</th>')
  })

  it('says of each data set what is good and what fails, also beside the other data sets', () => {
    const [style, concepts] = [sectionOf('held-out-style'), sectionOf('held-out-concepts')]
    const titles = (part: string) =>
      Array.from(part.matchAll(/<div class="(?:right|wrong)"><h3>(.*?)</g), (m) => m[1])
    expect(titles(style.split('<section')[0]!)).toEqual([
      'Right more often than not',
      'Wrong more often than not',
      'Better here than the mean of the data sets',
    ])
    expect(style).toContain('<li>Zero shot · Accuracy 90.0\u00a0% (85.0 to 94.0\u00a0%)</li>')
    expect(titles(concepts.split('<section')[0]!)).toEqual([
      'Wrong more often than not',
      'Worse here than the mean of the data sets',
    ])
  })

  it('has headings without a leap, an entry in its contents for each section, and no two of one name', () => {
    const levels = Array.from(markup.matchAll(/<h([1-6])>/g), ([, level]) => Number(level))
    expect(levels[0]).toBe(1)
    for (const [i, level] of levels.slice(1).entries()) expect(level - levels[i]!).toBeLessThan(2)
    expect(markup).toContain('<h5>Of an evaluator</h5>')
    const ids = Array.from(markup.matchAll(/ id="([^"]*)"/g), ([, id]) => id)
    const links = Array.from(markup.matchAll(/href="#([^"]*)"/g), ([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(links).toEqual([
      'verdict',
      'held-out-style',
      'held-out-style-zero-shot',
      'held-out-style-retrieval',
      'held-out-concepts',
      'held-out-concepts-zero-shot',
      'provenance',
    ])
    for (const link of links) expect(ids).toContain(link)
  })

  it('ends with hashes, versions, seed, and a command that a shell reads as it was', () => {
    const provenance = sectionOf('provenance')
    expect(provenance).toContain(
      'npx visuomotor evaluate runs/emoji --suite &#39;it&#39;\\&#39;&#39;s mine.json&#39;',
    )
    expect(provenance).toContain('npx visuomotor evaluate --verify evaluation.json')
    expect(provenance.split('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')).toHaveLength(
      1 + 3,
    )
    expect(provenance).toContain('<td class="text">Seed</td><td class="text">7</td>')
  })

  it('shows a metric whose samples are right or wrong as percent, whatever its name, and others as they are', () => {
    expect(sectionOf('held-out-style-retrieval')).toContain(
      '<th scope="row">Color</th><td class="number">25.0 %</td>',
    )
    expect(markup).toContain('<small>less is better</small></th><td class="number">0.25</td>')
  })

  it('escapes names and captions, and is the same page for the same input', () => {
    expect(markup).not.toContain(markupText)
    expect(evaluationPage(structuredClone({ ...exampleEvaluation, tests: {} }))).not.toMatch(/undefined|NaN/)
    expect(evaluationPage(exampleEvaluation)).toBe(markup)
  })

  it('calls a number that is none so, and draws nothing for it', () => {
    const nothing = {
      value: Number.NaN,
      interval: [Number.NaN, Number.NaN],
      better: 'max',
      count: 3,
    } as const
    const page = evaluationPage({
      ...exampleEvaluation,
      aggregate: {},
      tests: { one: { zeroShot: { metrics: { accuracy: nothing }, headline: ['accuracy'], sections: [] } } },
    })
    expect(page).toContain('<dd class="value">not a number</dd>')
    expect(page).not.toMatch(/NaN|class="tick"|more often than not/)
  })
})
