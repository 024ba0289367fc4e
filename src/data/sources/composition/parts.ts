import { isDeepStrictEqual } from 'node:util'
import { ConfigError, DataError } from '../../../core/index.ts'
import type { LabelKind, Sample } from '../../sample.ts'
import type { Source } from '../../source.ts'
import type { LabelKinds } from '../label-values.ts'
import type { Found } from '../pass.ts'
import { arraysOfParts, camerasOfParts, statisticsOfParts } from './described-parts.ts'

/** Sources by the names that the ids of their samples begin with. */
export type Parts<Part = Source> = Readonly<Record<string, Part>>

/** Map parts by a function, under the same names. */
export const mapParts = <From, To>(parts: Parts<From>, change: (part: From, name: string) => To): Parts<To> =>
  Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, change(part, name)]))

/** Description of a source's samples, for a source made of it. */
export const describedLike = ({ labels, classNames, arrays, cameras, statistics, notes }: Source) => ({
  ...(labels && { labels }),
  ...(classNames && { classNames }),
  ...(arrays && { arrays }),
  ...(cameras && { cameras }),
  ...(statistics && { statistics }),
  ...(notes && { notes }),
})

/**
 * Description of the samples of all parts. A part may lack labels, but all declare the same arrays and cameras. Their
 * statistics are joined by weights.
 * @param weights Weights of the parts, by name; default 1 each.
 * @throws ConfigError `data/composition` for no parts, for names with a slash, where one label has two meanings, and
 * where arrays or cameras differ.
 */
export const describedByParts = (
  parts: Parts,
  weights: Readonly<Record<string, number>> = {},
): Pick<Source, 'labels' | 'arrays' | 'cameras' | 'statistics' | 'notes'> => ({
  ...notesOfParts(parts),
  ...labelsOfParts(parts),
  ...arraysOfParts(parts),
  ...camerasOfParts(parts),
  ...statisticsOfParts(parts, weights),
})

function notesOfParts(parts: Parts): Pick<Source, 'notes'> {
  const notes = Object.values(parts).flatMap(({ notes = [] }) => notes)
  return notes.length > 0 ? { notes } : {}
}

function labelsOfParts(parts: Parts): { readonly labels?: LabelKinds } {
  const names = Object.keys(parts)
  const wrong = names.find((name) => !/^[\w.-]+$/.test(name))
  if (names.length === 0) throw wrongParts('there is nothing to compose: name at least one source', { names })
  if (wrong !== undefined) {
    throw wrongParts(`a part may not be called "${wrong}": letters, digits, dots and dashes only`, {
      name: wrong,
    })
  }
  const labels = new Map<string, { kind: LabelKind; part: string }>()
  for (const [part, source] of Object.entries(parts)) {
    for (const [label, kind] of Object.entries(source.labels ?? {})) {
      const other = labels.get(label)
      if (other && !isDeepStrictEqual(other.kind, kind)) {
        const [here, there] = [JSON.stringify(kind), JSON.stringify(other.kind)]
        const message = `label "${label}" is ${there} in ${other.part}, but ${here} in ${part}; call one of them otherwise`
        throw wrongParts(message, { label, parts: [other.part, part] })
      }
      labels.set(label, { kind, part })
    }
  }
  if (labels.size === 0) return {}
  return { labels: Object.fromEntries([...labels].map(([label, { kind }]) => [label, kind])) }
}

const wrongParts = (message: string, facts: Record<string, unknown>): ConfigError =>
  new ConfigError('data/composition', message, facts)

/** Sample or error of a part, as the whole sees it: samples of several parts may have the same id. */
export const named = (part: string, found: Found): Found =>
  found instanceof DataError ? found : namedSample(part, found)

export const namedSample = (part: string, sample: Sample): Sample => ({
  ...sample,
  id: `${part}/${sample.id}`,
})

/** The descriptions of all parts; undefined if one of them has none. */
export function specsOf(parts: Parts): Parts<NonNullable<Source['spec']>> | undefined {
  const specs = Object.entries(parts).flatMap(([name, { spec }]) => (spec ? [[name, spec] as const] : []))
  return specs.length === Object.keys(parts).length ? Object.fromEntries(specs) : undefined
}

/** Sum of the sizes; absent when one of them is not known. */
export const sizeOfParts = (parts: Parts): { readonly size?: number } => {
  let sum = 0
  for (const { size } of Object.values(parts)) {
    if (size === undefined) return {}
    sum += size
  }
  return { size: sum }
}
