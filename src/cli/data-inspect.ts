import type { Command } from 'commander'
import { type Distribution, inspectSource, openSource, type SourceInspection } from '../data/index.ts'
import { formatNumber, type Table, textTable } from '../report/index.ts'
import { namedSource, namedSourceHelp } from './named-source.ts'
import { jsonOption } from './options.ts'
import type { Output } from './output.ts'
import { progress } from './progress.ts'

/** `visuomotor data inspect <source>` */
export function registerDataInspect(data: Command, output: Output): void {
  data
    .command('inspect')
    .description('what is in a data set: sizes, captions, labels, duplicates, and what cannot be read')
    .argument('<source>', namedSourceHelp)
    .addOption(jsonOption())
    .action(async (text: string, { json }: { json?: true }) => {
      const { spec, registry } = await namedSource(text)
      const source = openSource(spec, registry?.sources)
      const bar = progress(output, source.name, source.size)
      const inspection = await inspectSource(source, () => bar.advance(1))
      bar.finish()
      output.result(json ? JSON.stringify(inspection, undefined, 2) : textOf(inspection))
    })
}

const textOf = (inspection: SourceInspection): string =>
  [countsOf(inspection), distributionsOf(inspection), duplicatesOf(inspection), unreadableOf(inspection)]
    .filter((table) => table.rows.length > 0)
    .map((table) => textTable(table))
    .join('\n\n')

function countsOf({ source, samples, captions, images, labels, unreadable }: SourceInspection): Table {
  const listOf = (counts: readonly (readonly [name: string, count: number])[]) =>
    counts.map(([name, count]) => `${name} (${formatNumber(count)})`).join(', ')
  const sizes = images.sizes.map(({ width, height, count }) => [`${width} × ${height}`, count] as const)
  const rows: [string, string | number][] = [
    ['Samples', samples],
    ['Unreadable', listOf(Object.entries(unreadable.codes)) || 0],
    ['Captions', captions.count],
    ['Formats', listOf(Object.entries(images.formats))],
    ['Frequent sizes', listOf(sizes)],
    ['Labels', listOf(Object.entries(labels)) || 'none'],
  ]
  return {
    columns: [{ title: 'Source' }, { title: source }],
    rows: rows.map(([name, value]) => [name, cell(value)]),
  }
}

const cell = (value: string | number): string => (typeof value === 'number' ? formatNumber(value) : value)

function distributionsOf({ captions, images }: SourceInspection): Table {
  const distributions: [string, Distribution | undefined][] = [
    ['Width in pixels', images.width],
    ['Height in pixels', images.height],
    ['Bytes of an image', images.bytes],
    ['Captions of a sample', captions.perSample],
    ['Words of a caption', captions.words],
    ['Characters of a caption', captions.characters],
  ]
  const titles = ['', 'Least', '5 %', 'Median', '95 %', 'Most']
  return {
    columns: [...titles.map((title) => ({ title })), { title: 'Mean', digits: 1 }],
    rows: distributions.flatMap(([name, values]) =>
      values ? [[name, values.least, values.p5, values.median, values.p95, values.most, values.mean]] : [],
    ),
  }
}

function duplicatesOf({ duplicates: { exact, near } }: SourceInspection): Table {
  const kinds = [
    ['the same bytes', exact],
    ['look the same', near],
  ] as const
  return {
    columns: [{ title: 'Duplicates' }, { title: 'Groups' }, { title: 'Surplus' }, { title: 'Such as' }],
    rows: kinds.map(([name, { groups, surplus, examples }]) => [
      name,
      groups,
      surplus,
      examples[0]?.join(', '),
    ]),
  }
}

const unreadableOf = ({ unreadable: { examples } }: SourceInspection): Table => ({
  columns: [{ title: 'Unreadable' }, { title: 'Why' }],
  rows: examples.map(({ code, message }) => [code, message]),
})
