import { float32, nameGroups } from '../../core/index.ts'
import type { Bundle, Weights } from '../../deploy/index.ts'
import { matchPattern } from '../../optim/index.ts'
import { formatNumber, htmlTable, percent, type Section } from '../../report/index.ts'
import { zerosIn } from '../measure-size.ts'
import type { Subject } from '../method.ts'
import type { Zeros } from './choose-zeros.ts'

/** Paths of the matrices of a model: parameters of two axes or more. */
export const matricesOf = ({ weights }: Pick<Bundle, 'weights'>): string[] =>
  [...weights].flatMap(([name, { shape }]) => (shape.length >= 2 ? [name] : []))

/**
 * The names that a list of patterns matches, without those that `except` matches, in the order of the names.
 * @throws ConfigError `optim/pattern` for a pattern that matches nothing.
 */
export function chosenNames(
  names: readonly string[],
  patterns: readonly string[],
  except: readonly string[],
): string[] {
  const matched = (list: readonly string[]) =>
    new Set(list.flatMap((pattern) => matchPattern(pattern, names, 'matrix')))
  const [wanted, left] = [matched(patterns), matched(except)]
  return names.filter((name) => wanted.has(name) && !left.has(name))
}

/** Number of inputs of a row: all axes of a matrix but the first. */
export const inputsOf = ({ shape }: { readonly shape: readonly number[] }): number =>
  shape.slice(1).reduce((product, size) => product * size, 1)

/** The subject with zeros in its matrices, and a section on them. */
export function withZeros(subject: Subject, zeros: ReadonlyMap<string, Zeros>, title: string): Subject {
  const { bundle, findings = [] } = subject
  const weights = new Map(
    Array.from(bundle.weights, ([name, value]) => {
      const flags = zeros.get(name)
      const data = flags && value.data.map((number, i) => (flags[i] === 1 ? 0 : number))
      return [name, data ? float32(value.shape, data) : value] as const
    }),
  )
  const section = zerosSection(title, [...zeros.keys()], weights)
  return { ...subject, bundle: { ...bundle, weights }, findings: [...findings, section] }
}

function zerosSection(title: string, names: readonly string[], weights: Weights): Section {
  const rows = names.map((name) => {
    const { data, shape } = weights.get(name)!
    return [name, shape.join(' × '), percent(zerosIn(data) / data.length)]
  })
  const left = matricesOf({ weights }).filter((name) => !names.includes(name))
  const note =
    left.length > 0
      ? `Matrices left as they are: ${nameGroups(left, names).join(', ')}.`
      : 'No matrix is left out.'
  const all = names.map((name) => weights.get(name)!.data)
  const zeros = all.reduce((sum, data) => sum + zerosIn(data), 0)
  const numbers = all.reduce((sum, { length }) => sum + length, 0)
  return {
    title,
    note: `${formatNumber(zeros)} of ${formatNumber(numbers)} numbers of these matrices are zero. ${note}`,
    body: htmlTable({
      columns: [{ title: 'Matrix' }, { title: 'Shape' }, { title: 'Zeros', align: 'right' }],
      rows,
    }),
  }
}
