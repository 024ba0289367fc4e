import { basename } from 'node:path'
import { dataSetSection } from './evaluation-data-set.ts'
import { headlineFigures, headlines, verdictSection } from './evaluation-verdict.ts'
import { htmlTable } from './html-table.ts'
import type { MeasuredNumber } from './measured-number.ts'
import { type Figure, page, type Section } from './page.ts'
import { type EvaluationProvenance, provenanceSection } from './provenance-section.ts'
import { humanize } from './quantity.ts'

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
  /** Evaluators that ended with an error. */
  readonly failed?: readonly FailedEvaluation[]
  readonly provenance: EvaluationProvenance
}

/** An evaluator that ended with an error, whose findings are missing. */
export interface FailedEvaluation {
  readonly test: string
  readonly evaluator: string
  readonly code: string
  readonly message: string
}

/**
 * Findings of a suite on a model, as one page: first the headline numbers with their intervals, then what each data set
 * shows, evaluator by evaluator, at the end what the numbers were made of. The same input gives the same page.
 */
export function evaluationPage(report: EvaluationReport): string {
  const { suite, directory, tests, aggregate, failed = [], provenance } = report
  const found = headlines(tests, aggregate)
  const evaluators = new Set(Object.values(tests).flatMap((findings) => Object.keys(findings)))
  return page({
    title: basename(directory),
    subtitle: `${directory}, suite ${suite}: ${counted(Object.keys(tests).length, 'data set')}, ${counted(evaluators.size, 'evaluator')}`,
    figures: headlineFigures(found),
    contents: true,
    sections: [
      ...failedSection(failed),
      verdictSection(found),
      ...Object.entries(tests).map(([test, findings]) => dataSetSection(test, findings, found)),
      provenanceSection(provenance),
    ],
  })
}

/** Section of what could not be measured, before all that was. */
function failedSection(failed: readonly FailedEvaluation[]): Section[] {
  if (failed.length === 0) return []
  const rows = failed.map(({ test, evaluator, code, message }) => [
    humanize(test),
    humanize(evaluator),
    message,
    code,
  ])
  const columns = [{ title: 'Data set' }, { title: 'Evaluator' }, { title: 'Error' }, { title: 'Code' }]
  const note =
    'These evaluators ended with an error, and have no numbers here. What the others found is complete.'
  return [{ title: 'Not measured', note, body: htmlTable({ columns, rows }) }]
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
