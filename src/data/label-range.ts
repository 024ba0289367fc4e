import type { LabelKind } from './sample.ts'

/** Length of a label in a sample. */
export function labelLength(kind: LabelKind): number {
  if ('length' in kind) return kind.length
  return { class: 1, box: 4, point: 2, position: 3, pose: 6 }[kind.kind]
}

/** Largest amount by which a box or point may lie beyond the image, as a fraction: that of rounded annotations. */
const overhang = 0.01
/** Largest distance of a position along an axis, in metres. */
const farthest = 100
/** Largest angle of a rotation vector, in radians: one turn, and what rounding adds. */
const wholeTurn = 2 * Math.PI + 1e-3
/** Largest angle of a joint, in radians: two turns. */
const twoTurns = 2 * wholeTurn

/**
 * Problem of the numbers of a label, with its likely cause in parentheses: too few or too many, not finite, or out of the range of
 * their kind.
 *
 * Ranges: classes are whole numbers from 0 below `classes`; boxes and points lie in [0, 1], give or take 0.01 for rounding, boxes with left ≤ right and
 * top ≤ bottom; positions in [−100, 100] metres; the rotation of a pose is one turn at most; joints are two turns at
 * most.
 * @returns undefined when there is none.
 */
export function labelRangeProblem(numbers: readonly number[], kind: LabelKind): string | undefined {
  const length = labelLength(kind)
  if (numbers.length !== length) return `has ${numbers.length} numbers, but a ${kind.kind} here has ${length}`
  if (!numbers.every(Number.isFinite)) return `has numbers that are not finite: [${numbers.join(', ')}]`
  const problem = beyondRange(numbers, kind)
  return problem && `is [${numbers.join(', ')}], but ${problem}`
}

function beyondRange(numbers: readonly number[], kind: LabelKind): string | undefined {
  switch (kind.kind) {
    case 'class':
      return classProblem(numbers[0]!, kind.classes)
    case 'box':
      return boxProblem(numbers)
    case 'point':
      return numbers.every(isFraction)
        ? undefined
        : `a point is [x, y] in fractions of the image, from 0 to 1 (${numbers.some(isPixel) ? 'pixels' : 'out of the picture'}?)`
    case 'position':
      return metresProblem(numbers)
    case 'pose':
      return metresProblem(numbers.slice(0, 3)) ?? rotationProblem(numbers.slice(3))
    case 'joints':
      return numbers.every((angle) => Math.abs(angle) <= twoTurns)
        ? undefined
        : 'joints are angles in radians, two turns or 12.57 at most (degrees?)'
    case 'number':
      return undefined
  }
}

function classProblem(index: number, classes: number): string | undefined {
  if (Number.isInteger(index) && index >= 0 && index < classes) return undefined
  const cause =
    index === classes
      ? 'counted from 1'
      : index === -1
        ? 'no class: leave the label out'
        : Number.isInteger(index)
          ? `more classes than ${classes}`
          : 'a probability'
  return `its classes are 0 to ${classes - 1} (${cause}?)`
}

function boxProblem(box: readonly number[]): string | undefined {
  const [left = 0, top = 0, right = 0, bottom = 0] = box
  const ordered = left <= right && top <= bottom
  if (ordered && box.every(isFraction)) return undefined
  const cause = ordered
    ? box.some(isPixel)
      ? 'pixels'
      : 'beyond the edges of the picture: cut it there'
    : right < 0 || bottom < 0
      ? 'corners the wrong way round'
      : `x, y, width and height${box.some(isPixel) ? ' in pixels' : ''}`
  return `a box is [left, top, right, bottom] in fractions of the image, from 0 to 1 (${cause}?)`
}

const isFraction = (value: number): boolean => value >= -overhang && value <= 1 + overhang
const isPixel = (value: number): boolean => Math.abs(value) >= 2

const metresProblem = (position: readonly number[]): string | undefined =>
  position.every((value) => Math.abs(value) <= farthest)
    ? undefined
    : `positions are in metres, ${farthest} at most along each axis (millimetres?)`

const rotationProblem = (vector: readonly number[]): string | undefined =>
  Math.hypot(...vector) <= wholeTurn
    ? undefined
    : 'the rotation of a pose is an axis times an angle in radians, one turn or 6.28 at most (degrees?)'
