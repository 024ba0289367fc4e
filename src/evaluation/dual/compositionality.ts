import { z } from 'zod'
import { splitRows } from '../../core/index.ts'
import { wilson } from '../../metrics/index.ts'
import {
  type AnsweredQuery,
  type Figure,
  formatNumber,
  htmlTable,
  percent,
  pictureGrid,
  type Section,
} from '../../report/index.ts'
import type { Evaluator, Findings } from '../suite/evaluator.ts'
import type { Measured } from '../suite/measured.ts'
import type { Subject } from '../suite/subject.ts'
import { requiresDualEncoder } from './requires-dual-encoder.ts'
import { type SwapKind, swapKinds } from './swapped/caption-pair.ts'
import { SwapScenes, type SwapTest } from './swapped/swap-scenes.ts'

export interface CompositionalityOptions {
  readonly kind: 'compositionality'
  /** Scenes of each kind of swap. Default 100. */
  readonly scenes: number
  /** Seed of captions and scenes. Default: the suite's. */
  readonly seed?: number
}

const schema = z.strictObject({
  kind: z.literal('compositionality'),
  scenes: z.int().min(1).default(100),
  seed: z.int().exactOptional(),
})

/** Options of {@link compositionalityEvaluator} for a suite. */
export const compositionality = (options: Partial<Omit<CompositionalityOptions, 'kind'>> = {}) =>
  ({ kind: 'compositionality', ...options }) as const

/** A test with the model's answer. */
interface Answered {
  readonly test: SwapTest
  /** Cosine of the picture with the right and with the swapped caption. */
  readonly cosines: readonly [right: number, swapped: number]
  readonly right: boolean
  /** Choice of the right caption by the mean of all pictures in place of the picture. */
  readonly withoutImage: boolean
}

/**
 * Swapped captions: of two captions that differ in a colour, a kind, a relation or a count, the picture must be nearer to the
 * one that is true of it. Scenes of the tabletop are drawn for it, whatever the data set is, so that the right answer is known;
 * chance is 50 %. A tie or a NaN is wrong. As a control the mean of all pictures takes the picture's place: it cannot tell the
 * captions apart, and a model that still does goes by the words.
 *
 * Source: Hsieh et al., "SugarCrepe: Fixing Hackable Benchmarks for Vision-Language Compositionality" (2023). Deviation: captions
 * come of a grammar and are drawn before their scenes with a coin for the right one, instead of filtered afterwards.
 */
export const compositionalityEvaluator = {
  schema,
  drawsScenes: true,
  refusal: requiresDualEncoder,
  async evaluate(
    subject: Subject,
    { scenes, seed = subject.seed }: CompositionalityOptions,
  ): Promise<Findings> {
    const encoder = subject.dualEncoder!
    const maker = await SwapScenes.open(seed, encoder.description.model.inputs.image.size)
    const tests: SwapTest[] = []
    for (const kind of swapKinds)
      for (let number = 0; number < scenes; number++) tests.push(await maker.make(kind, number))
    const images = await encoder.embedImages(tests.map(({ picture }) => ({ bytes: picture })))
    const texts = await subject.texts(tests.flatMap(({ right, swapped }) => [right.text, swapped.text]))
    return findingsOf(answersOf(tests, images, texts))
  },
} satisfies Evaluator<CompositionalityOptions>

function answersOf(tests: readonly SwapTest[], images: Float32Array, texts: Float32Array): Answered[] {
  const rows = splitRows(images, tests.length)
  const captions = splitRows(texts, 2 * tests.length)
  const mean = Float64Array.from(
    rows[0]!,
    (_, k) => rows.reduce((sum, row) => sum + row[k]!, 0) / rows.length,
  )
  return tests.map((test, i) => {
    const [right, swapped] = [captions[2 * i]!, captions[2 * i + 1]!]
    const cosines = [dot(rows[i]!, right), dot(rows[i]!, swapped)] as const
    const withoutImage = dot(mean, right) > dot(mean, swapped)
    return { test, cosines, right: cosines[0] > cosines[1], withoutImage }
  })
}

const dot = (a: ArrayLike<number>, b: Float32Array): number => b.reduce((sum, x, k) => sum + x * a[k]!, 0)

async function findingsOf(answers: readonly Answered[]): Promise<Findings> {
  const groups = [undefined, ...swapKinds].map((kind) => ({
    path: kind ? `${kind}.accuracy` : 'accuracy',
    blind: kind ? `${kind}.withoutImage` : 'withoutImage',
    answers: answers.filter(({ test }) => !kind || test.kind === kind),
  }))
  const measured = groups.map((group) => ({
    accuracy: rate(group.answers.map(({ right }) => right)),
    control: rate(group.answers.map(({ withoutImage }) => withoutImage)),
  }))
  const idsOf = (group: readonly Answered[]) =>
    group.map(({ test }) => `compositionality/${test.kind}/${test.number}`)
  return {
    metrics: Object.fromEntries(
      groups.flatMap(({ path, blind }, i) => [
        [path, { ...measured[i]!.accuracy, better: 'max' as const }],
        [blind, measured[i]!.control],
      ]),
    ),
    headline: groups.map(({ path }) => path),
    samples: Object.fromEntries(
      groups.map(({ path, answers: group }) => [
        path,
        { ids: idsOf(group), values: group.map(({ right }) => Number(right)) },
      ]),
    ),
    details: {
      tests: answers.map(({ test: { kind, number, right, swapped }, cosines }) => ({
        ...{ kind, number, right: right.text, swapped: swapped.text, cosines },
      })),
    },
    sections: [tableSection(measured), ...swapKinds.map((kind) => examplesSection(kind, answers))],
    figures: [figureOf(measured[0]!.accuracy)],
  }
}

function rate(values: readonly boolean[]): Measured {
  const { rate: value, interval } = wilson(values.filter(Boolean).length, values.length)
  return { value, interval, count: values.length, unit: 'fraction' }
}

const range = ([low, high]: readonly [number, number]): string => `${percent(low)} to ${percent(high)}`

const figureOf = ({ value, interval }: Measured): Figure => ({
  label: 'Right caption over a swapped one',
  value: percent(value),
  more: `${range(interval!)}; 50 % by chance`,
})

const titles: Readonly<Record<SwapKind, string>> = {
  color: 'Another colour',
  kind: 'Another kind of object',
  relation: 'The opposite relation',
  count: 'Another number',
}

function tableSection(measured: readonly { accuracy: Measured; control: Measured }[]): Section {
  const names = ['All', ...swapKinds.map((kind) => titles[kind])]
  const columns = [
    { title: 'Swapped' },
    { title: 'Right %', digits: 1 },
    { title: '95 % interval' },
    { title: 'Than chance' },
    { title: 'Without picture %', digits: 1 },
  ]
  const rows = measured.map(({ accuracy, control }, i) => [
    names[i]!,
    100 * accuracy.value,
    range(accuracy.interval!),
    verdict(accuracy),
    100 * control.value,
  ])
  const note =
    'Each picture has a true caption and one with a word swapped. Chance is 50 %, also for a model that knows which colours and ' +
    'kinds there are but not which belong together. Without the picture a model goes by the words alone, which tell nothing.'
  return { title: 'Swapped captions', note, body: htmlTable({ columns, rows }) }
}

const verdict = ({ interval: [low, high] = [0, 1] }: Measured): string =>
  low > 0.5 ? 'better' : high < 0.5 ? 'worse' : 'no difference shown'

/** Pictures of each kind: the clearest mistakes, then the clearest right answers. */
function examplesSection(kind: SwapKind, answers: readonly Answered[]): Section {
  const margin = ({ cosines: [right, swapped] }: Answered) => right - swapped
  const own = answers.filter(({ test }) => test.kind === kind).sort((a, b) => margin(a) - margin(b))
  const wrong = own.filter(({ right }) => !right).slice(0, 3)
  const right = own.filter((answer) => answer.right).slice(-2)
  return { title: titles[kind], body: pictureGrid([...wrong, ...right].map(exampleOf)) }
}

function exampleOf({ test, cosines, right }: Answered): AnsweredQuery {
  const captions = [
    { caption: test.right.text, similarity: cosines[0], correct: true },
    { caption: test.swapped.text, similarity: cosines[1], correct: false },
  ]
  const ordered = right ? captions : [captions[1]!, captions[0]!]
  return {
    query: { picture: test.picture, caption: `by ${formatNumber(Math.abs(cosines[0] - cosines[1]), 3)}` },
    retrieved: ordered.map((caption, i) => ({ ...caption, rank: i + 1 })),
  }
}
