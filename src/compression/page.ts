import {
  comparedDifference,
  comparedMetric,
  differenceText,
  type Figure,
  formatBytes,
  formatNumber,
  Html,
  html,
  htmlTable,
  linePlot,
  metricLabel,
  metricText,
  page,
  type Section,
} from '../report/index.ts'
import type { SearchReport } from './budget.ts'
import { totalBytes } from './measure-size.ts'
import { type CompressionReport, compressionTable } from './report.ts'

/**
 * A page on a compression as one file: size, speed, memory and quality before and after, what a search tried and how
 * sensitive the parts are, and what the steps found. The same input gives the same page.
 * @param findings Sections of the steps.
 */
export async function compressionPage(
  report: CompressionReport,
  findings: readonly Section[],
): Promise<string> {
  const { model, out, steps, search } = report
  return page({
    title: `${model}, compressed`,
    subtitle: `${steps.map(({ kind }) => kind).join(', ')}, into ${out}`,
    figures: figuresOf(report),
    contents: true,
    sections: [
      {
        title: 'Before and after',
        note:
          'Quality with its 95 % interval, and the difference sample by sample with its own. Times are medians of runs in ' +
          'turns, with the 95 % interval of the median; memory is the middle of a few processes, with the least and the largest.',
        body: htmlTable(compressionTable(report)),
      },
      ...(search ? await searchSections(search) : []),
      ...findings,
      { title: 'Steps', body: html`<pre>${JSON.stringify(steps, undefined, 2)}</pre>` },
      { title: 'Made with', body: htmlTable(provenance(report)) },
    ],
  })
}

function figuresOf({ quality, monitored, files, speed }: CompressionReport): Figure[] {
  const compared = quality.tests[monitored.test]?.[monitored.evaluator]?.metrics[monitored.path]
  const metric = compared && comparedMetric(monitored.path, compared)
  const [before, after] = [totalBytes(files.before), totalBytes(files.after)]
  const largest = Math.max(...speed.map(({ batch }) => batch))
  return [
    ...(compared && metric
      ? [
          {
            label: metricLabel(metric),
            value: metricText(metric, compared.second.value),
            more: `${differenceText(metric, comparedDifference(compared))} from ${metricText(metric, compared.first.value)}`,
          },
        ]
      : []),
    { label: 'Size', value: formatBytes(after), more: `from ${formatBytes(before)}` },
    ...speed
      .filter(({ batch }) => batch === largest)
      .map(({ graph, samplesPerSecond }) => ({
        label: `Samples per second, ${graph}`,
        value: formatNumber(samplesPerSecond.after.value, 0),
        more: `from ${formatNumber(samplesPerSecond.before.value, 0)}`,
      })),
  ]
}

async function searchSections({ budget, sensitivity, trials, chosen }: SearchReport): Promise<Section[]> {
  const points = (value: number) => formatNumber(value, 2)
  const name = (kept: readonly string[]) => (kept.length > 0 ? `without ${kept.join(', ')}` : 'all parts')
  const lines = new Map<string, { x: number; y: number }[]>()
  for (const { kept, share, change } of trials)
    lines.set(name(kept), [...(lines.get(name(kept)) ?? []), { x: share, y: change }])
  const plot = await linePlot({
    title: 'Change of the quality by how far the steps went',
    x: { title: 'Share of the way' },
    y: { title: 'Points', scale: 'zero' },
    series: Array.from(lines, ([name, line]) => ({
      name,
      points: line.toSorted((a, b) => a.x - b.x),
      dots: true,
    })),
  })
  return [
    {
      title: 'Sensitivity',
      note: 'Change of the quality, in points, where one part of the model alone is compressed as asked.',
      body: htmlTable({
        columns: [{ title: 'Part' }, { title: 'Step' }, { title: 'Points', align: 'right' }],
        rows: sensitivity.map(({ part, kind, change }) => [part, kind, points(change)]),
      }),
    },
    {
      title: 'Search',
      note: `The smallest model of those that lose no more than ${points(-budget)} points is taken.`,
      body: html`${new Html(plot)}
${htmlTable({
  columns: [
    { title: 'Share of the way', align: 'right' },
    { title: 'Left as they are' },
    { title: 'Points', align: 'right' },
    { title: 'Size', align: 'right' },
    { title: 'Weights', align: 'right' },
    { title: '' },
  ],
  rows: trials.map((trial) => [
    formatNumber(trial.share, 3),
    trial.kept.join(', ') || '–',
    points(trial.change),
    formatBytes(trial.size.bytes),
    formatNumber(trial.size.nonzero),
    trial === chosen ? 'chosen' : trial.within ? 'within' : 'outside',
  ]),
})}`,
    },
  ]
}

const provenance = ({ model, recipe, versions }: CompressionReport) => ({
  columns: [{ title: 'Fact' }, { title: 'Value' }],
  rows: [
    ['model', model],
    ['seed', String(recipe.seed)],
    ['samples to calibrate with', String(recipe.calibration.samples)],
    ...Object.entries(versions),
  ],
})
