import type { Findings } from '../suite/evaluator.ts'
import type { Measured, SampleValues } from '../suite/measured.ts'
import type { MeasureResult } from './robustness-numbers.ts'

/** All but the sections of what was found. */
export type Numbers = Omit<Findings, 'sections' | 'figures' | 'details'> & {
  readonly details: Readonly<Record<string, unknown>>
}

/**
 * Metrics of all measures by path, in the unit of each measure (R@1 in percent, others as fractions):
 *
 * - `clean.<measure>`, `<axis>-<severity>.<measure>`, `<axis>.<measure>`: the mean over its severities, `corrupted.<measure>`: the mean over the axes;
 * - `<axis>.<…>.retainedFraction` and `corrupted.<…>.retainedFraction`: that mean over the clean value; of noise at 0.1, 0.2 and 0.3 it
 *   is the mean noisy over clean score. Missing where nothing is right on clean data;
 * - `….shuffledSuccess`: the control of policies.
 *
 * Sample values: of `clean`, the axes and `corrupted`.
 */
export function numbersOf(results: readonly MeasureResult[], passes: number): Numbers {
  const metrics: Record<string, Measured> = {}
  const samples: Record<string, SampleValues> = {}
  for (const result of results) {
    Object.assign(metrics, metricsOf(result))
    Object.assign(samples, samplesOf(result))
  }
  const headline = results.flatMap(({ measure }) => [
    `corrupted.${measure}`,
    ...['corrupted', 'noise'].map((part) => retainedPath(part, measure)).filter((path) => path in metrics),
  ])
  return { metrics, samples, headline, details: detailsOf(results, passes) }
}

/** 100 for measures in percent, 1 for fractions. */
const unitOf = (measure: string): number => (measure.endsWith('R@1') ? 100 : 1)

/** `imageToText.R@1` → `blur.imageToText.retainedFraction`, `accuracy` → `blur.retainedFraction` */
const retainedPath = (part: string, measure: string): string =>
  [part, ...measure.split('.').slice(0, -1), 'retainedFraction'].join('.')

function metricsOf(result: MeasureResult): Record<string, Measured> {
  const { measure, clean, cleanControl, axes, corrupted, retained } = result
  const entries = [
    ...shareEntries('clean', measure, clean, cleanControl),
    ...axes.flatMap(({ conditions }) =>
      conditions.flatMap(({ variation, share, control }) =>
        shareEntries(variation.name, measure, share, control),
      ),
    ),
    ...axes.flatMap(({ axis, share, retained }) => meanEntries(axis, measure, share, retained)),
    ...meanEntries('corrupted', measure, corrupted, retained),
  ]
  return Object.fromEntries(entries)
}

type Entry = readonly [path: string, measured: Measured]

function shareEntries(part: string, measure: string, share: Measured, control: number | undefined): Entry[] {
  const own: Entry = [`${part}.${measure}`, inUnit(share, unitOf(measure))]
  if (control === undefined) return [own]
  const path = `${part}.${measure.replace(/success$/, 'shuffledSuccess')}`
  return [own, [path, { value: control, count: share.count }]]
}

const meanEntries = (
  part: string,
  measure: string,
  share: Measured,
  retained: Measured | undefined,
): Entry[] => [
  [`${part}.${measure}`, inUnit(share, unitOf(measure))],
  ...(retained ? [[retainedPath(part, measure), retained] as const] : []),
]

function inUnit({ value, interval, ...rest }: Measured, unit: number): Measured {
  return {
    value: unit * value,
    ...(interval && { interval: [unit * interval[0], unit * interval[1]] as const }),
    ...rest,
  }
}

function samplesOf({
  measure,
  ids,
  clusters,
  cleanValues,
  axes,
  values,
}: MeasureResult): Record<string, SampleValues> {
  const lists = [
    ['clean', cleanValues],
    ...axes.map((each) => [each.axis, each.values]),
    ['corrupted', values],
  ] as const
  return Object.fromEntries(
    lists.map(([part, list]) => [
      `${part}.${measure}`,
      {
        ids,
        values: (list as readonly number[]).map((value) => unitOf(measure) * value),
        ...(clusters && { clusters }),
      },
    ]),
  )
}

const detailsOf = (results: readonly MeasureResult[], passes: number) => ({
  passes,
  worstAxis: Object.fromEntries(results.map(({ measure, worst }) => [measure, worst.axis])),
  curves: Object.fromEntries(
    results.map(({ measure, clean, axes }) => [
      measure,
      Object.fromEntries(
        axes.map(({ axis, conditions }) => [
          axis,
          [
            { severity: 0, value: clean.value, interval: clean.interval },
            ...conditions.map(({ severity, share, control }) => ({
              ...{ severity, value: share.value, interval: share.interval },
              ...(control !== undefined && { control }),
            })),
          ],
        ]),
      ),
    ]),
  ),
})
