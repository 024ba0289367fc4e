import { describe, expect, it } from 'vitest'
import { previewPage } from './preview-page.ts'

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

const contents = {
  title: 'scenes',
  subtitle: '1 sample',
  note: 'how to read it',
  samples: [
    {
      id: 'scene/<1>',
      note: '“a <red> cup”',
      place: 'scenes.jsonl:1',
      strips: [
        {
          title: 'Step by step',
          pictures: [
            {
              picture: png,
              marks: [
                { name: 'cup', place: [0.25, 0.5, 0.75, 1] },
                { name: 'handle', place: [0.3, 0.4] },
              ],
              title: 'rotation',
              lines: ['degrees 4.2'],
              views: [png, png],
            },
          ],
        },
      ],
    },
  ],
  mixed: [],
  problems: [],
}

describe('previewPage', () => {
  it('draws boxes and points over the picture and writes the rest beneath it', () => {
    const markup = previewPage(contents)
    expect(markup).toContain('<path class="line box" d="M0.25 0.5H0.75V1H0.25Z"/>')
    expect(markup).toMatch(/<path class="line point" d="M0\.3 0\.4h/)
    expect(markup).toContain('<b>rotation</b><span>degrees 4.2</span>')
    expect(markup).toContain('<span class="mark mark0">cup</span><span class="mark mark1">handle</span>')
    expect(markup.match(/data:image\/png/g)).toHaveLength(3)
  })

  it('keeps words words', () => {
    const markup = previewPage(contents)
    expect(markup).toContain('“a &lt;red&gt; cup”')
    expect(markup).toContain('scene/&lt;1&gt;')
    expect(markup).not.toContain('<red>')
  })

  it('has a heading for what there is only', () => {
    expect(previewPage(contents)).not.toContain('<h2>Mixed</h2>')
    expect(previewPage(contents)).not.toContain('<h2>Left out</h2>')
    const shot = contents.samples[0]!.strips[0]!.pictures[0]!
    const markup = previewPage({ ...contents, mixed: [shot], problems: ['a.png: no'] })
    expect(markup).toContain('<h2>Mixed</h2>')
    expect(markup).toContain('<li>a.png: no</li>')
  })
})
