import { describe, expect, it } from 'vitest'
import { exampleStudy, markupText } from '../../test/support/report-examples.ts'
import { axisOf } from './study-front.ts'
import { studyPage } from './study-page.ts'
import { objectiveText, trialText } from './study-table.ts'

describe('the page of a study', () => {
  it('shows every trial with its reason, and escapes what others wrote', async () => {
    const content = await studyPage(exampleStudy)
    expect(content).not.toContain(markupText)
    for (const { reason } of exampleStudy.trials.slice(14, 15)) expect(content).toContain(reason)
    expect(content).toContain('5 heads do not divide a width of 96')
    expect(content).toContain('61 % of their latency')
    // Two costs; of the fourteen finished trials and the stopped one only those with a known cost are drawn.
    expect(content.match(/aria-label="Quality by /g)).toHaveLength(2)
    expect(content.match(/<title>trial 14, stopped/g)).toHaveLength(1)
    expect(content.match(/stroke="var\(--a\)" stroke-width="2\.5"/g)).toHaveLength(exampleStudy.front.length)
    expect(await studyPage(exampleStudy)).toBe(content)
  })

  it('of a study without a finished trial says so', async () => {
    const content = await studyPage({
      ...exampleStudy,
      trials: exampleStudy.trials.slice(15),
      front: [],
      importance: [],
      findings: [],
    })
    expect(content).toContain('No trial has finished')
    expect(content).not.toContain('Parallel coordinates')
    expect(content).not.toContain('NaN')
  })
})

it('an axis has round ticks within what it spans', () => {
  const { at, ticks } = axisOf([0.21, 1.4], 0, 100)
  expect(ticks).toEqual([0.5, 1])
  expect(at(0.21)).toBeCloseTo(4.545, 2)
  expect(axisOf([5, 5], 0, 100).at(5)).toBe(50)
})

it('a trial is told in one line', () => {
  expect(objectiveText('memory', 2.5e8)).toBe('250 MB')
  expect(objectiveText('batchLatency', 12.345)).toBe('12.3 ms')
  expect(trialText(exampleStudy.trials[14]!, ['quality', 'latency'])).toMatch(
    /^trial 14 stopped after 1 min 14 s: worse than others at its validation, quality 21\.00, latency 1\.00 ms \(model/,
  )
})
