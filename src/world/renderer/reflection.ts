import type { Solid } from './solid.ts'

/** How a solid's material reflects. */
export interface Reflection {
  readonly roughness: number
  readonly metalness: number
  /** Of the microfacets: roughness². */
  readonly alpha: number
}

/** Least α: the highlight of a smoother surface would be finer than a pixel. */
const leastAlpha = 0.02

/** Of a solid's material. */
export function reflectionOf({ object: { material } }: Solid): Reflection {
  const { roughness, metalness } = material
  return { roughness, metalness, alpha: Math.max(leastAlpha, roughness * roughness) }
}

/** Part of the light that plastic, paint and wood reflect head on. */
export const dielectric = 0.04

/** Of Schlick's formula for what is reflected edge on. */
export const fifthPower = (t: number): number => t * t * t * t * t
