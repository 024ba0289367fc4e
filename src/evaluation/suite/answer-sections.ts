import { htmlTable, humanize, pictureStrips, type Section, type Table } from '../../report/index.ts'
import type { PolicyExamples } from '../policy-examples/policy-examples.ts'
import { policyPictures } from '../policy-examples/policy-pictures.ts'
import type { HeadFindings } from './answers.ts'
import type { Subject } from './subject.ts'

/** Classes of a confusion matrix that fits a page. */
const mostClasses = 20

/** A policy's part of a page: what it confuses, and samples drawn at random and done worst. */
export async function answerSections(
  examples: PolicyExamples,
  heads: readonly HeadFindings[],
  { policy, source }: Subject,
): Promise<Section[]> {
  const { size, fit, background } = policy!.description.image
  const square = { resolution: size, fit, background }
  const names = heads.map(({ name }) => name)
  const strips = await policyPictures(examples, names, source, square)
  const note =
    'The image as the model sees it, with what it found and what is true; beside it, light where it looked at first.'
  return [
    ...heads.flatMap(confusionSection(policy!.classNames, source.classNames ?? {})),
    { title: 'Drawn at random, and done worst', note, body: pictureStrips(strips) },
  ]
}

/** Confusions of a head: rows are the truth, columns the answers. */
const confusionSection =
  (...namings: readonly Readonly<Record<string, readonly string[]>>[]) =>
  ({ name, details }: HeadFindings): Section[] => {
    const confusion = details.confusion as readonly (readonly number[])[] | undefined
    if (!confusion || confusion.length > mostClasses) return []
    const named = namings
      .flatMap((names) => Object.values(names))
      .find(({ length }) => length === confusion.length)
    const nameOf = (index: number) => named?.[index] ?? String(index)
    const table: Table = {
      columns: [{ title: 'Truth' }, ...confusion.map((_, index) => ({ title: nameOf(index), digits: 0 }))],
      rows: confusion.map((row, index) => [nameOf(index), ...row]),
    }
    return [
      {
        title: `${humanize(name)}: what is taken for what`,
        note: 'Counts of samples.',
        body: htmlTable(table, { scrolls: true }),
      },
    ]
  }
