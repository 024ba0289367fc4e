import { roundHalfEven } from './codes.ts'

/** Types of the codes of activations. */
export type ActivationType = 'uint8' | 'int8'

/** Least and greatest number that codes reach. */
export interface Range {
  readonly low: number
  readonly high: number
}

/** Codes of activations: x / scale + zeroPoint, rounded and limited to the range of their type. */
export interface ActivationCodes {
  readonly type: ActivationType
  readonly scale: number
  readonly zeroPoint: number
}

const lowestCode = { uint8: 0, int8: -128 } as const

/** Smallest normal float32: below it steps have no precision. */
const smallestScale = 2 ** -126

/**
 * Asymmetric codes for a range, which is widened to have 0 in it, so that 0 is exact:
 *
 *     scale = (high − low) / 255,   zeroPoint = lowest code − round(low / scale)
 */
export function activationCodes(range: Range, type: ActivationType): ActivationCodes {
  const [low, high] = [Math.min(range.low, 0), Math.max(range.high, 0)]
  const scale = high > low ? Math.max(Math.fround((high - low) / 255), smallestScale) : 1
  return { type, scale, zeroPoint: lowestCode[type] - roundHalfEven(low / scale) }
}

/** A number after it was a code. */
export function throughCode(x: number, { type, scale, zeroPoint }: ActivationCodes): number {
  const lowest = lowestCode[type]
  const code = Math.min(Math.max(roundHalfEven(x / scale) + zeroPoint, lowest), lowest + 255)
  return (code - zeroPoint) * scale
}
