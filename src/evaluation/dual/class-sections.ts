import { thumbnail } from '../../data/index.ts'
import { type ClassificationMetrics, calibrationBins } from '../../metrics/index.ts'
import {
  type AnsweredQuery,
  Html,
  html,
  htmlTable,
  linePlot,
  pictureGrid,
  type Section,
} from '../../report/index.ts'
import type { Judged } from './classification-findings.ts'

/** Numbers of pictures, of answers beneath each, and of rows of a table. */
const most = { mistakes: 6, right: 3, answers: 3, rows: 12 } as const

/** Sections of a classification: pictures of confident mistakes and right answers, classes and confusions, calibration. */
export async function classSections(judged: Judged, result: ClassificationMetrics): Promise<Section[]> {
  return [
    await picturesSection(judged),
    classesSection(judged, result),
    ...confusionSection(judged, result),
    ...(await calibrationSection(judged)),
  ]
}

/** A sample with its classes, best first. */
interface Answer {
  readonly sample: number
  readonly order: readonly number[]
  readonly confidence: number
  readonly right: boolean
}

async function picturesSection(judged: Judged): Promise<Section> {
  const answers = judged.ids
    .flatMap((_, sample) => answerOf(judged, sample) ?? [])
    .sort((a, b) => b.confidence - a.confidence)
  const wrong = answers.filter(({ right }) => !right).slice(0, most.mistakes)
  const right = answers.filter((answer) => answer.right).slice(0, most.right)
  const shown = await Promise.all([...wrong, ...right].map((answer) => picturesOf(judged, answer)))
  return {
    title: wrong.length > 0 ? 'Most confident mistakes' : 'Most confident answers',
    note:
      'Each picture with its class, and the classes that the model holds most likely ' +
      `(${judged.probabilities ? 'probability' : 'score'} on the right)` +
      (right.length > 0 && wrong.length > 0 ? '. The last ones are right.' : '.'),
    body: pictureGrid(shown),
  }
}

/** Undefined for a sample without a score that is a number. */
function answerOf({ names, scores, labels, probabilities }: Judged, sample: number): Answer | undefined {
  const row = scores.subarray(sample * names.length, (sample + 1) * names.length)
  const numbers = Array.from(row.keys()).filter((c) => !Number.isNaN(row[c]))
  const order = numbers.sort((a, b) => row[b]! - row[a]! || a - b)
  const [best] = order
  if (best === undefined) return undefined
  const confidence = (probabilities ?? scores)[sample * names.length + best]!
  return { sample, order, confidence, right: best === labels[sample] }
}

async function picturesOf(judged: Judged, { sample, order }: Answer): Promise<AnsweredQuery> {
  const { names, scores, labels, ids, samples, probabilities } = judged
  const label = labels[sample]!
  const places = order.slice(0, most.answers).concat(order.slice(most.answers).filter((c) => c === label))
  const values = probabilities ?? scores
  return {
    query: { picture: await thumbnail(samples.get(ids[sample]!)!), caption: names[label]! },
    retrieved: places.map((c) => ({
      rank: order.indexOf(c) + 1,
      similarity: values[sample * names.length + c]!,
      correct: c === label,
      caption: names[c]!,
    })),
  }
}

function classesSection({ names }: Judged, { perClass }: ClassificationMetrics): Section {
  const present = perClass.flatMap((numbers, c) =>
    numbers.support > 0 ? [{ name: names[c]!, ...numbers }] : [],
  )
  const sorted = present.sort((a, b) => a.recall - b.recall || b.support - a.support)
  const shown =
    sorted.length <= most.rows ? sorted : [...sorted.slice(0, most.rows / 2), ...sorted.slice(-most.rows / 2)]
  const columns = [
    { title: 'Class' },
    { title: 'Samples', digits: 0 },
    ...['Recall %', 'Precision %', 'F1 %'].map((title) => ({ title, digits: 1 })),
  ]
  const rows = shown.map(({ name, support, recall, precision, f1 }) => [
    name,
    support,
    100 * recall,
    100 * precision,
    100 * f1,
  ])
  const which =
    shown.length < sorted.length ? `The ${most.rows / 2} worst and best of ${sorted.length}. ` : ''
  const note = `${which}Recall: found of those there are; precision: right of those so called.`
  return { title: 'Classes', note, body: htmlTable({ columns, rows }) }
}

function confusionSection({ names }: Judged, { confusion }: ClassificationMetrics): Section[] {
  const wrong = confusion.flatMap((row, label) =>
    row.flatMap((count, answer) => (count > 0 && answer !== label ? [{ label, answer, count }] : [])),
  )
  if (wrong.length === 0) return []
  const shown = wrong.sort((a, b) => b.count - a.count).slice(0, most.rows)
  const columns = [{ title: 'Class' }, { title: 'Taken for' }, { title: 'Times', digits: 0 }]
  const rows = shown.map(({ label, answer, count }) => [names[label]!, names[answer]!, count])
  return [{ title: 'Most frequent confusions', body: htmlTable({ columns, rows }) }]
}

async function calibrationSection({ names, labels, probabilities }: Judged): Promise<Section[]> {
  if (!probabilities) return []
  const bins = calibrationBins({ probabilities, classes: names.length, labels }).filter(
    ({ count }) => count > 0,
  )
  const svg = await linePlot({
    title: 'Accuracy by confidence',
    x: { title: 'Confidence' },
    y: { title: 'Accuracy', scale: 'zero' },
    series: [
      { name: 'model', points: bins.map(({ confidence, accuracy }) => ({ x: confidence, y: accuracy })) },
      { name: 'calibrated', points: [0, 1].map((x) => ({ x, y: x })) },
    ],
  })
  const note =
    'A model whose confidence can be trusted lies on the diagonal; below it, it is surer than it is right.'
  return [
    { title: 'Calibration', note, body: html`<div class="plots"><figure>${new Html(svg)}</figure></div>` },
  ]
}
