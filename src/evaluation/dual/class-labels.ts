import { DataError, didYouMean, excerpt } from '../../core/index.ts'
import type { Source } from '../../data/index.ts'
import type { Features } from '../suite/subject.ts'

/** A data set in the model's space, and the source that describes its labels. */
export interface ClassData {
  /** Name of the data set, for messages. */
  readonly name: string
  readonly source: Pick<Source, 'labels' | 'classNames'>
  readonly features: Features
}

/** Choice of what counts as a class. */
export interface ClassChoice {
  /** Name of a label of kind `class`. Default: the only one; without any, the concepts, named by their first caption. */
  readonly label?: string
  /** Names of the classes of the label, in its order. Default: the source's. */
  readonly classes?: readonly string[]
}

/** The samples of a data set that have a class. */
export interface ClassLabels {
  /** Names of all classes, those without samples included; distinct. */
  readonly names: readonly string[]
  /** Rows of the image features whose sample has a class. */
  readonly rows: readonly number[]
  /** Class of each of these rows. */
  readonly labels: readonly number[]
  /** Ids of these rows. */
  readonly ids: readonly string[]
}

/**
 * Classes of a data set's samples: of a label, or where the source has none, of the concepts. Samples without the label and
 * classes without samples are told by `note`.
 *
 * @throws DataError `evaluation/no-class-label` for a label that is missing, of another kind or on no sample, or when several
 * could be meant; `evaluation/class-names` for classes without names, with as many names as classes, or with one name twice;
 * `evaluation/too-few-classes` for fewer than two.
 */
export function classLabels(data: ClassData, choice: ClassChoice, note: (text: string) => void): ClassLabels {
  const label = chosenLabel(data, choice.label)
  const found = label === undefined ? conceptClasses(data, choice) : labelClasses(data, label, choice)
  if (found.rows.length === 0) throw noLabel(data, `none of its samples has the label "${label}"`, { label })
  if (found.names.length < 2)
    throw new DataError(
      'evaluation/too-few-classes',
      `${data.name} has ${found.names.length} class: a classification needs two or more, or every answer is right`,
      { data: data.name, classes: found.names.length },
    )
  tellWhatIsMissing(data, found, note)
  return found
}

/**
 * Class of each image, or its concept where the source has no label of kind `class`; undefined for an image without one.
 * @throws DataError `evaluation/no-class-label` as {@link classLabels}.
 */
export function classesOrConcepts(data: ClassData, label?: string): readonly (string | number | undefined)[] {
  const chosen = chosenLabel(data, label)
  const { imageConcepts, imageIds, samples } = data.features
  return chosen === undefined ? imageConcepts : imageIds.map((id) => samples.get(id)?.labels?.[chosen]?.[0])
}

/** Name of the label to read; undefined where the source has no class label and concepts take its place. */
function chosenLabel({ name, source }: ClassData, label: string | undefined): string | undefined {
  const kinds = source.labels ?? {}
  const known = Object.keys(kinds).filter((key) => kinds[key]!.kind === 'class')
  if (label !== undefined) {
    if (known.includes(label)) return label
    const kind = Object.hasOwn(kinds, label) ? kinds[label]!.kind : undefined
    const problem = kind ? `its label "${label}" is a ${kind}, not a class` : `it has no label "${label}"`
    throw noLabel({ name }, `${problem}${didYouMean(label, known)}`, { label, known })
  }
  if (known.length > 1)
    throw noLabel({ name }, `it has several: ${known.join(', ')}; name one as label`, { known })
  return known[0]
}

const noLabel = ({ name }: Pick<ClassData, 'name'>, problem: string, facts: object): DataError =>
  new DataError('evaluation/no-class-label', `no class of ${name} can be told: ${problem}`, {
    data: name,
    ...facts,
  })

function labelClasses(
  { name, source, features }: ClassData,
  label: string,
  { classes }: ClassChoice,
): ClassLabels {
  const kind = source.labels?.[label]
  const count = kind?.kind === 'class' ? kind.classes : 0
  const names = requireNames(name, label, count, classes ?? source.classNames?.[label])
  const rows: number[] = []
  const labels: number[] = []
  for (const [row, id] of features.imageIds.entries()) {
    const value = features.samples.get(id)?.labels?.[label]?.[0]
    if (value === undefined) continue
    rows.push(row)
    labels.push(value)
  }
  return { names, rows, labels, ids: rows.map((row) => features.imageIds[row]!) }
}

function requireNames(
  data: string,
  label: string,
  count: number,
  names?: readonly string[],
): readonly string[] {
  const refused = (problem: string) =>
    new DataError('evaluation/class-names', `the classes of "${label}" of ${data} ${problem}`, {
      data,
      label,
      names,
    })
  if (names === undefined)
    throw refused(`have no names: give them as classes, ${count} of them in the order of the label`)
  if (names.length !== count) throw refused(`are ${count}, but there are ${names.length} names`)
  const empty = names.findIndex((name) => name.trim() === '')
  if (empty >= 0) throw refused(`include one without a name, number ${empty}`)
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice !== undefined)
    throw refused(`include two of the name "${excerpt(twice)}", which no text can tell apart`)
  return names
}

/** A concept is named by the first caption of its first image; concepts of one name are one class. */
function conceptClasses({ name, features }: ClassData, { classes }: ClassChoice): ClassLabels {
  if (classes) throw noLabel({ name }, 'it has no label of kind class whose classes could be named', {})
  const nameOf = new Map<string, string>()
  const places = new Map<string, number>()
  const labels = features.imageConcepts.map((concept, row) => {
    const caption = nameOf.get(concept) ?? features.samples.get(features.imageIds[row]!)!.captions[0]!
    nameOf.set(concept, caption)
    if (!places.has(caption)) places.set(caption, places.size)
    return places.get(caption)!
  })
  return { names: [...places.keys()], rows: labels.map((_, row) => row), labels, ids: features.imageIds }
}

function tellWhatIsMissing(
  { name, features }: ClassData,
  { names, labels }: ClassLabels,
  note: (text: string) => void,
) {
  const unlabelled = features.imageIds.length - labels.length
  if (unlabelled > 0)
    note(`${unlabelled} of ${features.imageIds.length} samples of ${name} have no class and are left out.`)
  const present = new Set(labels)
  const empty = names.filter((_, index) => !present.has(index))
  if (empty.length === 0) return
  const some = empty.slice(0, 5).join(', ') + (empty.length > 5 ? ', …' : '')
  note(
    `${empty.length} of ${names.length} classes of ${name} have no sample: ${some}. They are wrong answers only.`,
  )
}
