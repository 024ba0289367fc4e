import type { Camera } from './render-scene.ts'

/** Diameter of a lens unless said otherwise, metres. */
const usualAperture = 0.005

/** Places in the circle that a lens makes of a point: a sunflower's, which cover it evenly (Vogel 1979). */
const taps = Array.from({ length: 20 }, (_, i) => {
  const radius = Math.sqrt((i + 0.5) / 20)
  const angle = i * Math.PI * (3 - Math.sqrt(5))
  return { x: radius * Math.cos(angle), y: radius * Math.sin(angle), radius }
})
const tapX = Float64Array.from(taps, (tap) => tap.x)
const tapY = Float64Array.from(taps, (tap) => tap.y)
const tapRadius = Float64Array.from(taps, (tap) => tap.radius)

/**
 * Blur what is out of focus: through a thin lens of diameter A that is focused on the distance f, a point at the
 * distance z becomes a circle with a diameter of
 *
 *     A·focal·|1/f − 1/z| pixels,   focal = height/2 / tan(verticalFov/2).
 *
 * Each pixel gathers from its own circle; of what is nearer than it, only what is as blurred itself spreads over it,
 * so that sharp things keep their edges. Without `focusDistance` everything is sharp.
 */
export function blurDepth(camera: Camera, radiance: Float32Array, depth: Float32Array): Float32Array {
  const { focusDistance, aperture = usualAperture, width, height } = camera
  if (focusDistance === undefined || aperture === 0) return radiance
  const focal = height / 2 / Math.tan((camera.verticalFov * Math.PI) / 360)
  const radii = new Float32Array(depth.length)
  let most = 0
  for (let pixel = 0; pixel < radii.length; pixel++) {
    const radius = (aperture * focal * Math.abs(1 / focusDistance - 1 / depth[pixel]!)) / 2
    radii[pixel] = radius
    if (radius > most) most = radius
  }
  if (most < sharp) return radiance
  return gather(radiance, depth, radii, width, height)
}

/** A circle of this radius lies within its pixel. */
const sharp = 0.5

function gather(
  radiance: Float32Array,
  depth: Float32Array,
  radii: Float32Array,
  width: number,
  height: number,
): Float32Array {
  const out = new Float32Array(radiance.length)
  for (let row = 0, pixel = 0; row < height; row++) {
    for (let column = 0; column < width; column++, pixel++) {
      const radius = radii[pixel]!
      let red = radiance[3 * pixel]!
      let green = radiance[3 * pixel + 1]!
      let blue = radiance[3 * pixel + 2]!
      let total = 1
      for (let tap = 0; tap < tapX.length && radius >= sharp; tap++) {
        const x = Math.round(column + radius * tapX[tap]!)
        const y = Math.round(row + radius * tapY[tap]!)
        if (x < 0 || y < 0 || x >= width || y >= height) continue
        const from = y * width + x
        const reaches = depth[from]! >= depth[pixel]! || radii[from]! >= radius * tapRadius[tap]!
        if (!reaches) continue
        red += radiance[3 * from]!
        green += radiance[3 * from + 1]!
        blue += radiance[3 * from + 2]!
        total++
      }
      out[3 * pixel] = red / total
      out[3 * pixel + 1] = green / total
      out[3 * pixel + 2] = blue / total
    }
  }
  return out
}
