import { evenlySpread } from '../../core/index.ts'
import { type Sample, type Source, type SourceSpec, thumbnail } from '../../data/index.ts'
import {
  formatNumber,
  humanize,
  type MarkedPicture,
  markedPictures,
  metricLabel,
  quantity,
  type Section,
} from '../../report/index.ts'
import { samplesOf } from '../policy-examples/policy-pictures.ts'
import type { Comparison } from './compare.ts'
import type { Findings } from './evaluator.ts'
import type { SampleValues } from './measured.ts'
import type { SuiteResult } from './suite-result.ts'

/** Number of samples of each number that are shown for each model. */
const shown = 6

/** Samples of a number that only one of two models gets right. */
interface OneRight {
  readonly title: string
  readonly note: string
  /** Ids as in the findings: of samples, or of a sample's captions. */
  readonly ids: readonly string[]
  readonly linesOf: (id: string) => string[]
}

/**
 * Pictures of what only one of two models gets right, by data set: of each headline number that counts right answers some
 * samples, evenly spread, with what both answers were worth where the findings hold it. Tests without data have none.
 * @param open Opener of a source.
 */
export async function onlyOneRight(
  first: SuiteResult,
  second: SuiteResult,
  { tests }: Pick<Comparison, 'tests'>,
  open: (spec: SourceSpec) => Source,
): Promise<Readonly<Record<string, readonly Section[]>>> {
  const sections: Record<string, readonly Section[]> = {}
  for (const [test, evaluators] of Object.entries(tests)) {
    const data = first.provenance.suite.tests[test]?.data
    if (data === undefined) continue
    const found = Object.entries(evaluators).flatMap(([key, { headline, metrics }]) =>
      headline
        .filter((path) => metrics[path]?.paired?.mcNemar)
        .flatMap((path) => oneRightOf(key, path, first.tests[test]![key]!, second.tests[test]![key]!)),
    )
    const samples = await samplesOf(open(data), new Set(found.flatMap(({ ids }) => ids.flatMap(possibleIds))))
    sections[test] = await Promise.all(found.map((each) => sectionOf(each, samples)))
  }
  return sections
}

/** Samples that only A and only B gets right by a number whose values are right or wrong. */
function oneRightOf(evaluator: string, path: string, first: Findings, second: Findings): OneRight[] {
  const [own, others] = [valuesById(first.samples[path]), valuesById(second.samples[path])]
  const isRight = (value: number | undefined) => value !== undefined && value > 0
  const both = [...own.keys()].filter((id) => others.has(id))
  const further = furtherValues(path, first, second)
  const label = `${humanize(evaluator)} · ${metricLabel({ path })}`
  const models = [
    { name: 'A', ids: both.filter((id) => isRight(own.get(id)) && !isRight(others.get(id))) },
    { name: 'B', ids: both.filter((id) => isRight(others.get(id)) && !isRight(own.get(id))) },
  ]
  return models.flatMap(({ name, ids }) => {
    if (ids.length === 0) return []
    const chosen = evenlySpread(ids.length, shown).map((place) => ids[place]!)
    const some = chosen.length < ids.length ? `; ${chosen.length} of them, evenly spread` : ''
    const note = `${formatNumber(ids.length)} of ${formatNumber(both.length)}${some}.`
    const linesOf = (id: string) => further.flatMap((each) => each(id))
    return [{ title: `${label}: only ${name} is right`, note, ids: chosen, linesOf }]
  })
}

const valuesById = (samples: SampleValues | undefined): Map<string, number> =>
  new Map(samples?.ids.map((id, i) => [id, samples.values[i]!]))

/** Lines with the other numbers of the same group, such as the rank of the right answer or the error of a head. */
function furtherValues(path: string, first: Findings, second: Findings): ((id: string) => string[])[] {
  const group = path.slice(0, path.lastIndexOf('.') + 1)
  const isRightOrWrong = ({ values }: SampleValues) =>
    values.every((value) => value === 0 || value === 1 || value === 100)
  return Object.entries(first.samples).flatMap(([other, samples]) => {
    const isOfGroup = group !== '' && other.startsWith(group) && !other.slice(group.length).includes('.')
    if (!isOfGroup || other === path || (isRightOrWrong(samples) && !isRank(other))) return []
    const both = [
      ['A', valuesById(samples)],
      ['B', valuesById(second.samples[other])],
    ] as const
    return [
      (id: string) =>
        both.flatMap(([name, values]) => {
          const value = values.get(id)
          return value === undefined ? [] : [`${name}: ${wordsOf(other, value)}`]
        }),
    ]
  })
}

const isRank = (path: string): boolean => path.endsWith('.MeanR')

/** A value of one sample: `right answer in place 7`, `error 3.2 cm`. */
function wordsOf(path: string, value: number): string {
  if (isRank(path)) return `right answer in place ${formatNumber(value)}`
  const name = path
    .slice(path.lastIndexOf('.') + 1)
    .replace(/^mean([A-Z])/, (_, letter: string) => letter.toLowerCase())
  const { label, text } = quantity(name, value)
  return `${label.toLowerCase()} ${Number.isFinite(value) ? text : 'not a number'}`
}

/** An id may be that of a sample, or of one of its captions: `id#2`. */
const possibleIds = (id: string): string[] => [id, id.replace(/#\d+$/, '')]

async function sectionOf(
  { title, note, ids, linesOf }: OneRight,
  samples: ReadonlyMap<string, Sample>,
): Promise<Section> {
  const pictures = await Promise.all(
    ids.map(async (id): Promise<MarkedPicture[]> => {
      const sample = possibleIds(id).flatMap((each) => samples.get(each) ?? [])[0]
      if (sample === undefined) return []
      const caption = sample.captions[sample.id === id ? 0 : Number(/#(\d+)$/.exec(id)?.[1] ?? 0)] ?? ''
      return [{ picture: await thumbnail(sample), marks: [], title: caption, lines: linesOf(id) }]
    }),
  )
  return { title, note, body: markedPictures(pictures.flat()) }
}
