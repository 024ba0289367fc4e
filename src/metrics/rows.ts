import { ShapeError } from '../core/index.ts'

/**
 * The number of samples of two arrays [samples, width].
 * @throws ShapeError `shape/rows` when their lengths differ, are zero or no multiple of `width`.
 */
export function checkRows(
  metric: string,
  predictions: Float32Array,
  targets: Float32Array,
  width: number,
): number {
  const samples = targets.length / width
  if (predictions.length === targets.length && samples >= 1 && Number.isInteger(samples)) return samples
  throw new ShapeError(
    'shape/rows',
    `${metric}: ${predictions.length} predictions against ${targets.length} targets of ${width} numbers a sample: ` +
      `give both as [samples, ${width}], with at least one sample`,
    { metric, predictions: predictions.length, targets: targets.length, width },
  )
}
