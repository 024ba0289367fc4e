import { describe, expect, it } from 'vitest'
import { html } from './html.ts'
import { htmlTable } from './html-table.ts'
import { retrievalTable } from './retrieval-table.ts'
import { textTable } from './table.ts'
import { lineWidth } from './wrapped.ts'

const metrics = (recall: number) => ({ 'R@1': recall, 'R@5': 60, 'R@10': 71.25, MedR: 2, MeanR: 31.42 })

describe('textTable', () => {
  it('aligns numbers right and text left, and shows nothing as –', () => {
    const table = {
      columns: [{ title: 'Rank' }, { title: 'Similarity', digits: 2 }, { title: 'File' }],
      rows: [
        [1, 0.341, 'a.png'],
        [1000, undefined, 'long name.png'],
        [3, -0.5, undefined],
      ],
    }
    expect(textTable(table)).toBe(
      [
        ' Rank  Similarity  File',
        '─────  ──────────  ─────────────',
        '    1        0.34  a.png',
        '1,000           –  long name.png',
        '    3       -0.50  –',
      ].join('\n'),
    )
  })

  it('keeps columns straight behind wide characters and control characters', () => {
    const rows = [
      ['猫', 'x'],
      ['👩🏽‍🚀', 'x'],
      ['a\nb', 'x'],
    ]
    const lines = textTable({ columns: [{ title: 'a' }, { title: 'b' }], rows }).split('\n')
    expect(lines).toEqual(['a    b', '───  ─', '猫   x', '👩🏽‍🚀   x', 'a b  x'])
  })

  it('fits 100 columns: long cells go on in further lines, numbers and short words stay whole', () => {
    const file = `photos/${'holidays/'.repeat(12)}a.png`
    const rows = [
      [
        1,
        'short',
        file,
        'a remark of several words that explains why it was left out of all of the training',
      ],
      [1000, '猫'.repeat(60), 'b.png', 'x'.repeat(120)],
    ]
    const columns = ['Rank', 'Name', 'File', 'Remark'].map((title) => ({ title }))
    const lines = textTable({ columns, rows }).split('\n')
    expect(lines.every((line) => lineWidth(line) <= 100)).toBe(true)
    const joined = (part: RegExp) => lines.flatMap((line) => line.match(part) ?? []).join('')
    expect(joined(/(photos|holidays)[^ ]*|a\.png/g)).toBe(file)
    expect(joined(/猫+/g)).toBe('猫'.repeat(60))
    expect(joined(/xx+/g)).toBe('x'.repeat(120))
    expect(
      lines.filter((line) => /^ *1(,000)? /.test(line)),
      'a rank in the first line of each row',
    ).toHaveLength(2)
    expect(lines.join('\n')).toContain('short')
  })

  it('breaks titles before it breaks words', () => {
    const titles = ['Head', 'Success %', 'Other commands %', 'Errors']
    const rows = [['navigation', 94.5, 12.25, 'median error 1.3 cm, '.repeat(5).trim()]]
    const lines = textTable({ columns: titles.map((title) => ({ title })), rows }).split('\n')
    expect(lines[0]).toBe('Head        Success %  Other commands %  Errors')
    expect(lines[3]).toMatch(/^ {41}(median error|error|1\.3 cm|cm)/)
    const narrow = textTable({
      columns: Array.from({ length: 12 }, (_, i) => ({ title: `Metric ${i}`, digits: 1 })),
      rows: [Array.from({ length: 12 }, (_, i) => 10 * i)],
    })
    const words = narrow.split('\n').map((line) => line.trim().split(/ +/))
    expect(words.slice(0, 2)).toEqual([
      Array(12).fill('Metric'),
      Array.from({ length: 12 }, (_, i) => `${i}`),
    ])
    expect(lineWidth(narrow.split('\n')[2]!)).toBe(100)
  })

  it('shows titles where there are no rows', () => {
    expect(textTable({ columns: [{ title: 'File' }], rows: [] })).toBe('File\n────')
  })
})

describe('htmlTable', () => {
  it('marks columns of numbers and escapes text but not HTML', () => {
    const columns = [{ title: '<b>' }, { title: 'n', digits: 1 }, { title: 'unit', align: 'right' as const }]
    const markup = htmlTable({ columns, rows: [[html`<i>i</i>`, 2, '4 <s>']] }).toString()
    expect(markup).toContain('<th class="text" scope="col">&lt;b&gt;</th>')
    expect(markup).toContain(
      '<tr><td class="text"><i>i</i></td><td class="number">2.0</td><td class="number">4 &lt;s&gt;</td></tr>',
    )
  })
})

describe('a table of five columns', () => {
  it('has the titles beside its cells, for a narrow window', () => {
    const columns = ['a', 'b', 'c', 'd', '"e"'].map((title) => ({ title }))
    const markup = htmlTable({ columns, rows: [['1', '2', '3', '4', '5']] }).toString()
    expect(markup).toContain('<div class="table wide">')
    expect(markup).toContain('<td class="text" data-title="&quot;e&quot;">5</td>')
    expect(htmlTable({ columns: columns.slice(1), rows: [] }).toString()).toContain('<div class="table">')
    expect(htmlTable({ columns, rows: [] }, { scrolls: true }).toString()).toContain('<div class="table">')
  })
})

describe('retrievalTable', () => {
  it('has a row for each test set and direction, with the gallery that was searched', () => {
    const results = {
      heldOutStyle: { imageToText: metrics(45.18), textToImage: metrics(7), gallery: 1660, captions: 1655 },
      photos: { imageToText: metrics(1), textToImage: metrics(2), gallery: 9 },
    }
    expect(textTable(retrievalTable(results))).toBe(
      [
        'Test set        Direction     R@1 %  R@5 %  R@10 %  MedR  MeanR  Gallery',
        '──────────────  ────────────  ─────  ─────  ──────  ────  ─────  ───────',
        'Held-out style  image → text   45.2   60.0    71.3   2.0   31.4    1,655',
        'Held-out style  text → image    7.0   60.0    71.3   2.0   31.4    1,660',
        'Photos          image → text    1.0   60.0    71.3   2.0   31.4        9',
        'Photos          text → image    2.0   60.0    71.3   2.0   31.4        9',
      ].join('\n'),
    )
  })
})
