import { type Sample, type SeenSquare, variedSample } from '../../data/index.ts'
import {
  htmlTable,
  type MarkedPicture,
  markedPictures,
  pictureStrips,
  type Section,
} from '../../report/index.ts'
import { samplesOf } from '../policy-examples/policy-pictures.ts'
import type { Subject } from '../suite/subject.ts'
import { axisTitle, type Condition } from './axes.ts'
import { corruptedTexts } from './dual-encoder-trials.ts'
import type { MeasureResult } from './robustness-numbers.ts'
import { measureTitle } from './robustness-sections.ts'
import type { Trial, Trials } from './trial.ts'

/** Trials with their numbers, and how the model's images are prepared. */
export interface Examined {
  readonly subject: Subject
  readonly square: SeenSquare
  readonly trials: Trials
  readonly results: readonly MeasureResult[]
}

/** Numbers of samples that corruption harms most, and least. */
const shown = { fragile: 6, steady: 3 } as const

/** Examples: one image and one text at every severity, and the samples that corruption harms most. */
export async function exampleSections(examined: Examined): Promise<Section[]> {
  const ofImages = examined.results[0]!
  const ofTexts = examined.results.find(({ measure }) => measure === 'textToImage.R@1') ?? ofImages
  const [image, text, others] = [typical(ofImages), typical(ofTexts), extremes(ofImages)]
  const rows = [image, ...others].map((row) => sampleId(ofImages, row))
  const samples = await samplesOf(examined.subject.source, new Set([...rows, sampleId(ofTexts, text)]))
  return [
    ...(await imageSection(examined, ofImages, image, samples)),
    ...(await textSection(examined, ofTexts, text, samples)),
    ...(await extremesSection(examined, ofImages, others, samples)),
  ]
}

type Samples = ReadonlyMap<string, Sample>

/** Id of the sample of a row; rows of captions are `<id>#<caption>`. */
function sampleId({ measure, ids }: MeasureResult, row: number): string {
  const id = ids[row]!
  return measure === 'textToImage.R@1' ? id.slice(0, id.lastIndexOf('#')) : id
}

/** The sample, right on clean data where any is, that is right under about as many corruptions as the mean of these. */
function typical({ cleanValues, values }: MeasureResult): number {
  const rows = rightWhenClean(cleanValues)
  const mean = rows.reduce((sum, row) => sum + values[row]!, 0) / rows.length
  const distance = (row: number) => Math.abs(values[row]! - mean)
  return rows.reduce((best, row) => (distance(row) < distance(best) ? row : best))
}

/** Samples, right on clean data where any is, that are right under the fewest corruptions; then those under the most. */
function extremes({ cleanValues, values }: MeasureResult): number[] {
  const rows = rightWhenClean(cleanValues).sort((a, b) => values[a]! - values[b]! || a - b)
  const steady = rows.slice(Math.max(shown.fragile, rows.length - shown.steady)).reverse()
  return [...rows.slice(0, shown.fragile), ...steady]
}

function rightWhenClean(cleanValues: readonly number[]): number[] {
  const rows = [...cleanValues.keys()]
  const right = rows.filter((row) => cleanValues[row] === 1)
  return right.length > 0 ? right : rows
}

async function imageSection(
  { subject, square, trials, results }: Examined,
  { measure, ids }: MeasureResult,
  row: number,
  samples: Samples,
): Promise<Section[]> {
  const found = trials.corrupted.filter(({ condition }) => condition?.variation.images)
  const sample = samples.get(ids[row]!)
  if (found.length === 0 || sample === undefined) return []
  const pictureOf = async (trial: Trial): Promise<MarkedPicture> => ({
    picture: (await variedSample(sample, square, { ...trial.condition?.variation, seed: subject.seed })).png,
    marks: [],
    title: trial.condition ? `${axisTitle(trial.condition.axis)} ${trial.condition.severity}` : 'Clean',
    lines: [verdict(trial, measure, row)],
  })
  const names = [...new Set(found.map(({ condition }) => condition!.axis))]
  const strips = names.map(async (axis) => {
    const own = found.filter(({ condition }) => condition!.axis === axis)
    return { title: axisTitle(axis), pictures: await Promise.all([trials.clean, ...own].map(pictureOf)) }
  })
  return [
    {
      title: 'One image at every severity',
      note:
        `“${sample.captions[0]}”, a sample that suffers about as much as the mean, as the model sees it` +
        `${results.length > 1 ? `; right or wrong by ${measureTitle(measure)}` : ''}.`,
      body: pictureStrips(await Promise.all(strips)),
    },
  ]
}

const verdict = ({ right }: Trial, measure: string, row: number): string =>
  right[measure]!.values[row] === 1 ? '✓ right' : '✗ wrong'

async function textSection(
  examined: Examined,
  result: MeasureResult,
  row: number,
  samples: Samples,
): Promise<Section[]> {
  const found = examined.trials.corrupted.filter(({ condition }) => condition?.variation.texts)
  const sample = samples.get(sampleId(result, row))
  if (found.length === 0 || sample === undefined) return []
  const rows = [examined.trials.clean, ...found].map(async (trial) => [
    trial.condition ? axisTitle(trial.condition.axis) : 'Clean',
    trial.condition ? String(trial.condition.severity) : '0',
    await textOf(examined, result, row, sample, trial.condition),
    verdict(trial, result.measure, row),
  ])
  const columns = ['Axis', 'Severity', 'Text', measureTitle(result.measure)].map((title) => ({ title }))
  return [
    { title: 'One text at every severity', body: htmlTable({ columns, rows: await Promise.all(rows) }) },
  ]
}

/** The text that the model read: a caption of a dual encoder's, or a policy's command. */
async function textOf(
  { subject, square }: Examined,
  { measure, ids }: MeasureResult,
  row: number,
  sample: Sample,
  condition: Condition | undefined,
): Promise<string> {
  const { seed } = subject
  if (measure !== 'textToImage.R@1')
    return (await variedSample(sample, square, { texts: condition?.variation.texts, seed })).caption
  const caption = Number(ids[row]!.slice(sample.id.length + 1))
  if (condition === undefined) return sample.captions[caption]!
  const one = { textIds: [sample.id], textCaptions: [caption], samples: new Map([[sample.id, sample]]) }
  return corruptedTexts(one, condition, seed)[0]!
}

async function extremesSection(
  { subject, square, trials }: Examined,
  { measure, ids }: MeasureResult,
  rows: readonly number[],
  samples: Samples,
): Promise<Section[]> {
  const pictures = rows.map(async (row): Promise<MarkedPicture[]> => {
    const sample = samples.get(ids[row]!)
    if (sample === undefined) return []
    const wrong = trials.corrupted.filter(({ right }) => right[measure]!.values[row] !== 1)
    const first = wrong.map(({ condition }) => condition!).sort((a, b) => a.severity - b.severity)[0]
    const { png } = await variedSample(sample, square, { seed: subject.seed })
    return [
      {
        picture: png,
        marks: [],
        title: `“${sample.captions[0]}”`,
        lines: [
          `right under ${trials.corrupted.length - wrong.length} of ${trials.corrupted.length} corruptions`,
          ...(first ? [`✗ already at ${axisTitle(first.axis)} ${first.severity}`] : ['✓ right under all']),
        ],
      },
    ]
  })
  return [
    {
      title: 'Most and least fragile',
      note: `Samples that are right as they are and wrong under most corruptions, then those that stand the most of them (${measureTitle(measure)}).`,
      body: markedPictures((await Promise.all(pictures)).flat()),
    },
  ]
}
