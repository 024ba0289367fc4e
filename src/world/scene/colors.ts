import type { Color } from '../../data/index.ts'

/** Eight colours of objects, as commands name them; sRGB in [0, 1]. */
export const objectColors = {
  red: [0.82, 0.1, 0.1],
  orange: [0.95, 0.47, 0.05],
  yellow: [0.95, 0.82, 0.1],
  green: [0.12, 0.6, 0.16],
  turquoise: [0.15, 0.76, 0.74],
  blue: [0.1, 0.24, 0.8],
  purple: [0.46, 0.14, 0.62],
  pink: [0.96, 0.52, 0.72],
} as const satisfies Record<string, Color>

export type ColorName = keyof typeof objectColors

export const colorNames = Object.keys(objectColors) as ColorName[]
