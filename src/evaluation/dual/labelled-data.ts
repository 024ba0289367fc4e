import { DataError, excerpt } from '../../core/index.ts'
import type { OtherData, Subject } from '../suite/subject.ts'
import { type ClassChoice, type ClassData, type ClassLabels, classLabels } from './class-labels.ts'
import { gatheredRows } from './feature-rows.ts'

/** Features of the images of a data set that have a class. */
export interface LabelledData extends ClassLabels {
  readonly data: ClassData
  /** [rows, width], one row a label. */
  readonly images: Float32Array
  /** Cluster of each row, where they are not independent. */
  readonly clusters: readonly string[] | undefined
}

/**
 * Image features and classes of the subject's data set, or of another.
 * @throws DataError as {@link classLabels}; errors of the other source.
 */
export async function labelledData(
  subject: Subject,
  choice: ClassChoice,
  other?: OtherData,
): Promise<LabelledData> {
  const own = other ? subject.beside(other) : subject
  const data: ClassData = { name: own.name, source: own.source, features: await own.features() }
  const labels = classLabels(data, choice, (text) => subject.note(text))
  return {
    ...labels,
    data,
    clusters: await own.clusters(labels.ids),
    images: gatheredRows(data.features.imageFeatures, data.features.width, labels.rows),
  }
}

/**
 * The samples of classes whose names are among `names`, with their classes by place in it, those with features that are no finite
 * numbers left out where `finite` is asked for, as what is learned from must be.
 */
export function withClasses(
  { images, data, ...all }: LabelledData,
  names: readonly string[],
  { finite }: { readonly finite: boolean },
): LabelledData {
  const { width } = data.features
  const places = all.names.map((name) => names.indexOf(name))
  const isUsable = (i: number) =>
    places[all.labels[i]!]! >= 0 &&
    (!finite || images.subarray(i * width, (i + 1) * width).every((value) => Number.isFinite(value)))
  const kept = [...all.labels.keys()].filter(isUsable)
  return {
    data,
    names,
    rows: kept.map((i) => all.rows[i]!),
    labels: kept.map((i) => places[all.labels[i]!]!),
    ids: kept.map((i) => all.ids[i]!),
    clusters: all.clusters && kept.map((i) => all.clusters![i]!),
    images: gatheredRows(images, width, kept),
  }
}

/**
 * Names of the classes that two data sets share, in the order of the second, only those with samples in the first.
 * @throws DataError `evaluation/no-shared-class` for fewer than two, or when the second has no sample of them.
 */
export function sharedClasses(learned: LabelledData, judged: LabelledData): string[] {
  const known = new Set(learned.labels.map((label) => learned.names[label]!))
  const shared = judged.names.filter((name) => known.has(name))
  const isShared = new Set(shared)
  const count = judged.labels.filter((label) => isShared.has(judged.names[label]!)).length
  if (shared.length >= 2 && count > 0) return shared
  const some = (names: readonly string[]) => excerpt(names.slice(0, 5).join(', '))
  throw new DataError(
    'evaluation/no-shared-class',
    `${learned.data.name} and ${judged.data.name} share ${shared.length} classes by name, with ${count} samples in the latter; two ` +
      'classes with samples are needed: ' +
      `one has ${some([...known])}, the other ${some(judged.names)}`,
    { learned: learned.data.name, judged: judged.data.name, shared },
  )
}
