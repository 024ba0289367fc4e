import type { Comparison } from './methods.ts'

/** R@1 in percent, image → text and text → image, of one training. */
export interface Results {
  readonly style: readonly [number, number]
  readonly concepts: readonly [number, number]
}

/** The mean and the deviation over seeds (n − 1 in the denominator) of numbers. */
function meanAndDeviation(values: readonly number[]): readonly [mean: number, deviation: number] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return [mean, values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0]
}

/**
 * The table of methods in Markdown: R@1 with and without each, the mean of both directions for each seed, then mean ±
 * deviation over the seeds.
 */
export function methodsTable(
  comparisons: readonly Comparison[],
  results: (training: string) => readonly Results[],
): string {
  const rows = comparisons.map(({ method, ...names }) => {
    const [having, lacking] = [results(names.with), results(names.without)]
    const seeds = Math.min(having.length, lacking.length)
    const cells = (['style', 'concepts'] as const).flatMap((test) => {
      const [a, b] = [having, lacking].map((each) =>
        each.slice(0, seeds).map((result) => meanOf(result[test])),
      )
      return [shown(a!), shown(b!), change(a!, b!)]
    })
    return [method, ...cells, String(seeds)]
  })
  const head = [
    'Method',
    ...['style', 'concepts'].flatMap((test) => [`${test}: with`, 'without', 'gain']),
    'seeds',
  ]
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

const meanOf = ([a, b]: readonly [number, number]): number => (a + b) / 2

function shown(values: readonly number[]): string {
  if (values.length === 0) return '–'
  const [mean, deviation] = meanAndDeviation(values)
  return values.length > 1 ? `${mean.toFixed(1)} ± ${deviation.toFixed(1)}` : mean.toFixed(1)
}

/** The mean gain over the seeds, bold where it is more than twice its standard error. */
function change(having: readonly number[], lacking: readonly number[]): string {
  if (having.length === 0) return '–'
  const [mean, deviation] = meanAndDeviation(having.map((value, i) => value - lacking[i]!))
  const text = `${mean < 0 ? '−' : '+'}${Math.abs(mean).toFixed(1)}`
  const error = deviation / Math.sqrt(having.length)
  return having.length > 1 && Math.abs(mean) > 2 * error ? `**${text}**` : text
}
