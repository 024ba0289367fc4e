/** Left, top, right, bottom; y down; in pixels, or as fractions of width and height. */
export type Box = ArrayLike<number>

/** Area that two boxes share; 0 when they do not meet, one lies the wrong way round (left > right) or has a NaN. */
export function intersectionArea(a: Box, b: Box): number {
  const width = Math.min(a[2]!, b[2]!) - Math.max(a[0]!, b[0]!)
  const height = Math.min(a[3]!, b[3]!) - Math.max(a[1]!, b[1]!)
  return width > 0 && height > 0 ? width * height : 0
}

/** Area of a box: 0 for one that lies the wrong way round, NaN for one with a NaN. */
export const boxArea = (box: Box): number => Math.max(0, box[2]! - box[0]!) * Math.max(0, box[3]! - box[1]!)
