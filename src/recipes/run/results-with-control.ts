import { humanize, type RunSummary } from '../../report/index.ts'

/** Results of a run by test, beside those of its control. */
export function resultsWithControl({
  results,
  control = {},
}: Pick<RunSummary, 'results' | 'control'>): RunSummary['results'] {
  const named = Object.entries(control).map(
    ([test, metrics]) => [`${humanize(test)}, without teachers`, metrics] as const,
  )
  return { ...results, ...Object.fromEntries(named) }
}
