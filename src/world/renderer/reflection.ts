import type { Solid } from './solid.ts'

/** Reflection of a solid's material. */
export interface Reflection {
  readonly roughness: number
  readonly metalness: number
  /** Roughness² of the microfacets. */
  readonly alpha: number
}

/** Least α: the highlight of a smoother surface would be finer than a pixel. */
const leastAlpha = 0.02

/** Reflection of a solid's material. */
export function reflectionOf({ object: { material } }: Solid): Reflection {
  const { roughness, metalness } = material
  return { roughness, metalness, alpha: Math.max(leastAlpha, roughness * roughness) }
}

/** Fraction of light that plastic, paint and wood reflect head on. */
export const dielectric = 0.04

/** Fifth power, as in Schlick's formula for reflection at grazing angles. */
export const fifthPower = (t: number): number => t * t * t * t * t
