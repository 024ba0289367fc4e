import { humanize, quantity } from '../../report/index.ts'
import type { Answer, Verdict } from './judge-sample.ts'

/** `✗ Grasping: position error 3.2 cm, rotation error 4.0°` */
export function verdictWords({ head, success, metrics }: Verdict): string {
  const errors = Object.entries(metrics)
    .filter(([name]) => name !== 'success' && name !== 'accuracy' && !name.startsWith('median'))
    .map(([name, value]) => quantity(ofOneSample(name), value))
    .map(({ label, text }) => `${label.toLowerCase()} ${text}`)
  return `${success ? '✓' : '✗'} ${[humanize(head), ...(errors.length > 0 ? [errors.join(', ')] : [])].join(': ')}`
}

/** A metric's name without the mean, which one sample does not have: `meanErrorMetres` → `errorMetres`. */
const ofOneSample = (name: string): string =>
  name.replace(/^mean([A-Z])/, (_, first: string) => first.toLowerCase())

/** `category cup` or `category cup, true: ball`. */
export function classWords({ label, kind, found, right }: Answer, names: readonly string[] = []): string[] {
  if (kind !== 'class') return []
  const [guess, truth] = [found, right].map((scores) => {
    const index = scores.indexOf(Math.max(...scores))
    return names[index] ?? String(index)
  })
  return [guess === truth ? `${label} ${guess}` : `${label} ${guess}, true: ${truth}`]
}

/**
 * Fraction of the attention within a box, in [0, 1]; a patch counts by the part of it that the box covers. Undefined
 * for weights that are no square of patches.
 */
export function attentionWithin(weights: readonly number[], box: readonly number[]): number | undefined {
  const side = Math.sqrt(weights.length)
  if (weights.length === 0 || !Number.isInteger(side)) return undefined
  const [left = 0, top = 0, right = 0, bottom = 0] = box.map((part) => part * side)
  const covered = (at: number, low: number, high: number) =>
    Math.max(0, Math.min(at + 1, high) - Math.max(at, low))
  return weights.reduce(
    (sum, weight, i) =>
      sum + weight * covered(i % side, left, right) * covered(Math.floor(i / side), top, bottom),
    0,
  )
}
