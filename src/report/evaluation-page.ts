import { basename } from 'node:path'
import { dataSetSection } from './evaluation-data-set.ts'
import { headlineFigures, headlines, verdictSection } from './evaluation-verdict.ts'
import type { MeasuredNumber } from './measured-number.ts'
import { type Figure, page, type Section } from './page.ts'
import { type EvaluationProvenance, provenanceSection } from './provenance-section.ts'

/** Findings of an evaluator on one data set, as much of them as a page shows. */
export interface EvaluatorFindings {
  /** Numbers by their path, such as `imageToText.R@1`. */
  readonly metrics: Readonly<Record<string, MeasuredNumber>>
  /** Paths of the numbers that stand on top of the page. */
  readonly headline: readonly string[]
  /** Values of each sample by the path of their metric. */
  readonly samples?: Readonly<Record<string, { readonly values: readonly number[] }>>
  readonly sections: readonly Section[]
  readonly figures?: readonly Figure[]
}

/** Mean of a metric over data sets, and what it hides. */
export interface AggregatedMetric {
  readonly mean: number
  readonly worst: { readonly test: string; readonly measured: MeasuredNumber }
  /** Standard deviation over the data sets. */
  readonly spread?: number
  readonly tests: number
}

/** Content of {@link evaluationPage}. */
export interface EvaluationReport {
  readonly suite: string
  /** Directory of the model. */
  readonly directory: string
  /** Findings by data set, then by evaluator. */
  readonly tests: Readonly<Record<string, Readonly<Record<string, EvaluatorFindings>>>>
  /** Means over the data sets by `evaluator/path`. */
  readonly aggregate: Readonly<Record<string, AggregatedMetric>>
  readonly provenance: EvaluationProvenance
}

/**
 * Findings of a suite on a model, as one page: first the headline numbers with their intervals, then what each data set
 * shows, evaluator by evaluator, at the end what the numbers were made of. The same input gives the same page.
 */
export function evaluationPage(report: EvaluationReport): string {
  const { suite, directory, tests, aggregate, provenance } = report
  const found = headlines(tests, aggregate)
  const evaluators = new Set(Object.values(tests).flatMap((findings) => Object.keys(findings)))
  return page({
    title: basename(directory),
    subtitle: `${directory}, suite ${suite}: ${counted(Object.keys(tests).length, 'data set')}, ${counted(evaluators.size, 'evaluator')}`,
    figures: headlineFigures(found),
    contents: true,
    sections: [
      verdictSection(found),
      ...Object.entries(tests).map(([test, findings]) => dataSetSection(test, findings, found)),
      provenanceSection(provenance),
    ],
  })
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
