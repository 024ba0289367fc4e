import type { Measured } from './measured.ts'
import type { SuiteResult } from './suite-result.ts'

/** Differences between an evaluation and its repetition. */
export interface Verification {
  /** Files of the model, data sets, and versions that are not the same: a sentence each. */
  readonly facts: readonly string[]
  /** Numbers by their path in the file that differ in any bit. */
  readonly numbers: readonly NumberDifference[]
  /** Count of compared numbers. */
  readonly compared: number
}

/** A number that differs; undefined where one of both has none. */
export interface NumberDifference {
  readonly path: string
  readonly before: number | undefined
  readonly now: number | undefined
}

/** Compare an evaluation with its repetition: all facts, and all numbers, ends of intervals and values of samples included. */
export function verify(before: SuiteResult, now: SuiteResult): Verification {
  const [old, fresh] = [numbersOf(before), numbersOf(now)]
  const paths = [...new Set([...old.keys(), ...fresh.keys()])]
  return {
    facts: [
      ...changes(before.provenance.model, now.provenance.model, (file) => `the model's ${file}`),
      ...changes(dataOf(before), dataOf(now), (name) => `the data set '${name}'`),
      ...changes(before.provenance.files ?? {}, now.provenance.files ?? {}, (file) => `the file ${file}`),
      ...changes(failuresOf(before), failuresOf(now), (name) => `the error of ${name}`),
      ...changes(before.provenance.versions, now.provenance.versions, (name) => `the version of ${name}`),
    ],
    numbers: paths
      .filter((path) => !Object.is(old.get(path), fresh.get(path)))
      .map((path) => ({ path, before: old.get(path), now: fresh.get(path) })),
    compared: paths.length,
  }
}

const dataOf = ({ provenance: { data } }: SuiteResult): Record<string, string> =>
  Object.fromEntries(
    Object.entries(data).map(([name, { sha256, samples }]) => [name, `${sha256} (${samples} samples)`]),
  )

const failuresOf = ({ failed = [] }: SuiteResult): Record<string, string> =>
  Object.fromEntries(failed.map(({ test, evaluator, message }) => [`${test}, ${evaluator}`, message]))

/** Sentences on entries that are not the same. */
function changes(
  before: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
  what: (name: string) => string,
): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].flatMap((name) => {
    if (before[name] === now[name]) return []
    return [`${what(name)} was ${before[name] ?? 'not there'}, and is ${now[name] ?? 'not there'}`]
  })
}

/** All numbers of a result by their paths: values, intervals, and values of samples. */
function numbersOf({ tests }: SuiteResult): Map<string, number> {
  const numbers = new Map<string, number>()
  for (const [test, found] of Object.entries(tests)) {
    for (const [evaluator, { metrics, samples, details = {} }] of Object.entries(found)) {
      const at = `tests.${test}.${evaluator}`
      for (const [path, measured] of Object.entries(metrics))
        addMeasured(numbers, `${at}.metrics.${path}`, measured)
      for (const [path, { ids, values }] of Object.entries(samples))
        for (const [i, id] of ids.entries()) numbers.set(`${at}.samples.${path}.${id}`, finite(values[i]!))
      addDetails(numbers, `${at}.details`, JSON.parse(JSON.stringify(details)))
    }
  }
  return numbers
}

function addMeasured(numbers: Map<string, number>, path: string, { value, interval, count }: Measured): void {
  numbers.set(path, finite(value))
  numbers.set(`${path}.count`, finite(count))
  if (!interval) return
  numbers.set(`${path}.interval.low`, finite(interval[0]))
  numbers.set(`${path}.interval.high`, finite(interval[1]))
}

/** The numbers in nested data, as a file keeps it. */
function addDetails(numbers: Map<string, number>, path: string, value: unknown): void {
  if (typeof value === 'number') numbers.set(path, value)
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) addDetails(numbers, `${path}.${key}`, inner)
}

/** A number as a file keeps it: one that is not finite is not a number, and zero has no sign. */
const finite = (value: number): number => (Number.isFinite(value) ? value + 0 : Number.NaN)
