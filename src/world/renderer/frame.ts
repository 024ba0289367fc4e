import type { Raster } from './raster.ts'
import { type Surfaces, surfaces } from './surfaces.ts'
import { Triangles } from './triangles.ts'

/** Arrays of one image, kept for the next one of its size. */
export interface Frame {
  readonly triangles: Triangles
  readonly raster: Raster
  readonly surfaces: Surfaces
  /** Light at the camera, linear, [height, width, 3]. */
  readonly radiance: Float32Array
}

/** Empty frame. */
export function frame(width: number, height: number): Frame {
  const pixels = width * height
  return {
    triangles: new Triangles(),
    raster: { width, height, nearness: new Float32Array(pixels), triangle: new Int32Array(pixels) },
    surfaces: surfaces(pixels),
    radiance: new Float32Array(3 * pixels),
  }
}

/** Square raster for the shadows of one light. */
export const shadowRaster = (size: number): Raster => ({
  width: size,
  height: size,
  nearness: new Float32Array(size * size),
  triangle: undefined,
})
