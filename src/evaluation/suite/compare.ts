import { DataError } from '../../core/index.ts'
import { mcNemar, pairedDifference } from '../../metrics/index.ts'
import type { Findings } from './evaluator.ts'
import type { Measured, SampleValues } from './measured.ts'
import type { Provenance, SuiteResult } from './suite-result.ts'

/** One number of two models. */
export interface ComparedNumber {
  readonly first: Measured
  readonly second: Measured
  /** The paired comparison; absent for numbers without values of samples. */
  readonly paired?: PairedNumber
}

/** A comparison of two models sample by sample. */
export interface PairedNumber {
  /** Mean of second − first over the samples that both have. */
  readonly difference: number
  /** Interval that holds the true difference with 95 % confidence (bootstrap). */
  readonly interval: readonly [low: number, high: number]
  readonly pairs: number
  /** McNemar's exact test, of values that are right or wrong; it takes samples for independent. */
  readonly mcNemar?: { readonly onlyFirst: number; readonly onlySecond: number; readonly p: number }
}

/** Two models side by side on the same samples and seeds. */
export interface Comparison {
  readonly suite: string
  readonly models: readonly [first: string, second: string]
  /** Numbers by data set, evaluator and path. */
  readonly tests: Readonly<Record<string, Readonly<Record<string, ComparedEvaluator>>>>
  readonly provenance: readonly [Provenance, Provenance]
}

/** The numbers of an evaluator, those of its headline first. */
export interface ComparedEvaluator {
  readonly headline: readonly string[]
  readonly metrics: Readonly<Record<string, ComparedNumber>>
}

/**
 * Compare two results of one suite. Values are paired by the ids of their samples; a sample that one of the models lacks, such
 * as one of two captions that are the same to its tokenizer, is left out, and that is told. Samples of one cluster, such as the
 * captions of an image, are drawn together for the interval; McNemar's test takes them for independent, so that its p is too
 * small where a cluster answers alike.
 * @throws DataError `evaluation/other-samples` when a data set is not the same for both, or no sample is.
 */
export function compareResults(
  first: SuiteResult,
  second: SuiteResult,
  onNote: (text: string) => void = () => {},
): Comparison {
  requireSameData(first, second)
  const { seed } = first.provenance
  const tests = Object.entries(first.tests).map(([test, found]) => {
    const evaluators = Object.entries(found).flatMap(([key, findings]) => {
      const other = second.tests[test]?.[key]
      const place = `${test}, ${key}`
      if (other) return [[key, comparedOf(findings, other, { place, seed, onNote })] as const]
      onNote(`${place}: ${second.directory} has no findings, and nothing is compared`)
      return []
    })
    return [test, Object.fromEntries(evaluators)] as const
  })
  return {
    suite: first.suite,
    models: [first.directory, second.directory],
    tests: Object.fromEntries(tests),
    provenance: [first.provenance, second.provenance],
  }
}

function requireSameData(first: SuiteResult, second: SuiteResult): void {
  const [one, other] = [first.provenance.data, second.provenance.data]
  const changed = Object.keys(first.tests).find((test) => one[test]?.sha256 !== other[test]?.sha256)
  if (changed === undefined) return
  throw new DataError(
    'evaluation/other-samples',
    `the data set '${changed}' was not the same for both models: ${one[changed]?.samples ?? 0} samples for ${first.directory}, ` +
      `${other[changed]?.samples ?? 0} for ${second.directory}. Evaluate both on the same data`,
    { test: changed, first: one[changed], second: other[changed] },
  )
}

interface Place {
  readonly place: string
  readonly seed: number
  readonly onNote: (text: string) => void
}

function comparedOf(first: Findings, second: Findings, at: Place): ComparedEvaluator {
  const all = [...new Set([...Object.keys(first.metrics), ...Object.keys(second.metrics)])]
  const paths = all.filter((path) => path in first.metrics && path in second.metrics)
  const missing = all.filter((path) => !paths.includes(path))
  if (missing.length > 0)
    at.onNote(`${at.place}: ${missing.join(', ')} are one model's alone and not compared`)
  const metrics = paths.map((path) => {
    const [one, other] = [first.samples[path], second.samples[path]]
    const isRate = first.metrics[path]!.better !== 'min'
    const paired = one && other && pairedOf(one, other, path, isRate, at)
    return [
      path,
      { first: first.metrics[path]!, second: second.metrics[path]!, ...(paired && { paired }) },
    ] as const
  })
  return {
    headline: first.headline.filter((path) => paths.includes(path)),
    metrics: Object.fromEntries(metrics),
  }
}

function pairedOf(
  first: SampleValues,
  second: SampleValues,
  path: string,
  isRate: boolean,
  { place, seed, onNote }: Place,
): PairedNumber {
  const values = new Map(second.ids.map((id, i) => [id, second.values[i]!]))
  const rows = [...first.ids.keys()].filter((i) => values.has(first.ids[i]!))
  const pairs = rows.map((i) => [first.values[i]!, values.get(first.ids[i]!)!] as const)
  const alone = first.ids.length + second.ids.length - 2 * pairs.length
  if (pairs.length === 0) {
    const message = `${place}: the models have no sample of ${path} in common. Evaluate both on the same data`
    throw new DataError('evaluation/other-samples', message, { place, path })
  }
  if (alone > 0) onNote(`${place}: ${alone} samples of ${path} are one model's alone and are not compared`)
  const [ones, others] = [pairs.map(([one]) => one), pairs.map(([, other]) => other)]
  const { value, interval } = pairedDifference(others, ones, {
    seed,
    clusters: first.clusters && rows.map((i) => first.clusters![i]!),
  })
  const right = isRate ? largestOfTwo([...ones, ...others]) : undefined
  return {
    difference: value,
    interval,
    pairs: pairs.length,
    ...(right !== undefined && {
      mcNemar: mcNemar(
        ones.map((one) => one === right),
        others.map((other) => other === right),
      ),
    }),
  }
}

/** The value for right, 1 or 100, where all values are that or 0; NaN counts as wrong. Undefined for other values. */
function largestOfTwo(values: readonly number[]): number | undefined {
  return [1, 100].find((right) =>
    values.every((value) => value === 0 || value === right || Number.isNaN(value)),
  )
}
