import type { Findings } from './evaluator.ts'
import type { Measured } from './measured.ts'
import type { Aggregate } from './suite-result.ts'

/**
 * Mean of each headline number over the data sets that have it, with the worst of them and their spread. Keys are
 * `evaluator/path`. A number that is not finite is the worst, and its mean is not a number.
 */
export function aggregate(
  tests: Readonly<Record<string, Readonly<Record<string, Findings>>>>,
): Readonly<Record<string, Aggregate>> {
  const found = new Map<string, { test: string; measured: Measured }[]>()
  for (const [test, findings] of Object.entries(tests)) {
    for (const [evaluator, { headline, metrics }] of Object.entries(findings)) {
      for (const path of headline) {
        const key = `${evaluator}/${path}`
        found.set(key, [...(found.get(key) ?? []), { test, measured: metrics[path]! }])
      }
    }
  }
  return Object.fromEntries(Array.from(found, ([key, results]) => [key, aggregateOf(results)]))
}

function aggregateOf(results: readonly { test: string; measured: Measured }[]): Aggregate {
  const values = results.map(({ measured }) => measured.value)
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const worst = results.reduce((least, result) => (isWorse(result.measured, least.measured) ? result : least))
  return {
    mean,
    worst,
    ...(values.length > 1 && { spread: Math.sqrt(squares / (values.length - 1)) }),
    tests: values.length,
  }
}

/** Order by how bad a number is: not a number before all, then by its direction; what has none is worse where it is less. */
function isWorse(a: Measured, b: Measured): boolean {
  if (!Number.isFinite(b.value)) return false
  if (!Number.isFinite(a.value)) return true
  return a.better === 'min' ? a.value > b.value : a.value < b.value
}
