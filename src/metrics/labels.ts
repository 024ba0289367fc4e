import { ShapeError } from '../core/index.ts'

/**
 * Refuse labels that do not stand for rows of features.
 * @param classes Number of classes, where labels are indices.
 * @throws ShapeError `shape/labels` when there is not one label a row, or one is not in 0 … classes − 1.
 */
export function checkLabels(labels: ArrayLike<string | number>, rows: number, classes?: number): void {
  if (labels.length !== rows) {
    const message = `${rows} rows of features need ${rows} labels, not ${labels.length}`
    throw new ShapeError('shape/labels', message, { rows, labels: labels.length })
  }
  if (classes === undefined) return
  const isClass = (label: string | number) => Number.isInteger(label) && +label >= 0 && +label < classes
  const bad = Array.from(labels).findIndex((label) => !isClass(label))
  if (bad < 0) return
  const message = `label ${labels[bad]} of sample ${bad} is none of the classes 0 to ${classes - 1}`
  throw new ShapeError('shape/labels', message, { sample: bad, label: labels[bad], classes })
}
