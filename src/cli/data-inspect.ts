import type { Command } from 'commander'
import { ConfigError, writeFileAtomic } from '../core/index.ts'
import {
  type Distribution,
  type EpisodesInspection,
  inspectEpisodes,
  inspectSource,
  openSource,
  readLerobot,
  type SourceInspection,
} from '../data/index.ts'
import { episodesPage, formatNumber, type Table, textTable } from '../report/index.ts'
import { episodesContents, findingRows } from './episodes-contents.ts'
import { namedSource, namedSourceHelp } from './named-source.ts'
import { jsonOption } from './options.ts'
import type { Output } from './output.ts'
import { progress } from './progress.ts'

interface Flags {
  readonly json?: true | undefined
  readonly out?: string | undefined
}

/** `visuomotor data inspect <source>` */
export function registerDataInspect(data: Command, output: Output): void {
  data
    .command('inspect')
    .description(
      'what is in a data set: sizes, captions, labels, duplicates, what cannot be read, and faults of episodes',
    )
    .argument('<source>', namedSourceHelp)
    .option('--out <file>', "of a robot's episodes: a page with plots and pictures")
    .addOption(jsonOption())
    .action(async (text: string, { json, out }: Flags) => {
      const { spec, recipe, registry } = await namedSource(text)
      if (spec.kind === 'lerobot') {
        const { kind: _, directory, ...chosen } = spec
        const [option] = Object.keys(chosen)
        if (option !== undefined && recipe === undefined) {
          const message = `inspect reads a whole data set: leave '${option}' out of ${text}`
          throw new ConfigError('cli/options', message, { source: text })
        }
        return inspectRecorded(directory, { json, out }, output)
      }
      if (out !== undefined) {
        const message = `--out writes a page of a robot's episodes, lerobot:DIRECTORY, and ${text} is none: leave it out`
        throw new ConfigError('cli/options', message, { source: text })
      }
      const source = openSource(spec, registry?.sources)
      const bar = progress(output, source.name, source.size)
      const inspection = await inspectSource(source, () => bar.advance(1))
      bar.finish()
      output.result(json ? JSON.stringify(inspection, undefined, 2) : textOf(inspection))
    })
}

async function inspectRecorded(directory: string, { json, out }: Flags, output: Output): Promise<void> {
  const bar = progress(output, directory, readLerobot(directory).episodes.length)
  const { inspection, looks } = await inspectEpisodes(directory, () => bar.advance(1))
  bar.finish()
  if (out !== undefined) {
    writeFileAtomic(out, await episodesPage(await episodesContents(inspection, looks)))
    output.note(`the page: ${out}`)
  }
  output.result(json ? JSON.stringify(inspection, undefined, 2) : episodesText(inspection))
}

function episodesText({
  directory,
  version,
  robot,
  fps,
  frames,
  episodes,
  cameras,
  tasks,
  findings,
}: EpisodesInspection): string {
  const rows: [string, string | number][] = [
    ['Version', version],
    ['Robot', robot ?? 'not named'],
    ['Episodes', episodes.length],
    ['Frames', frames],
    ['Frames a second', fps],
    ['Cameras', cameras.join(', ') || 'none'],
    ['Commands', Object.keys(tasks).length],
    ['Findings', findings.length],
  ]
  const columns = ['Finding', 'Of', 'Episodes', 'What'].map((title) => ({ title }))
  const facts = {
    columns: [{ title: 'Episodes' }, { title: directory }],
    rows: rows.map(([name, value]) => [name, cell(value)]),
  }
  return [facts, { columns, rows: findingRows(findings) }]
    .filter((table) => table.rows.length > 0)
    .map((table) => textTable(table))
    .join('\n\n')
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
