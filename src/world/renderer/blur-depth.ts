import { recent } from './recent.ts'
import type { Camera } from './render-scene.ts'

/** Default diameter of a lens, metres. */
const usualAperture = 0.005

/**
 * Blur by depth of field: through a thin lens of diameter A, focused on the distance f, a point at the distance z
 * becomes a circle with a diameter of
 *
 *     A·focal·|1/f − 1/z| pixels,   focal = height/2 / tan(verticalFov/2).
 *
 * Each pixel gathers from its own circle. A nearer pixel takes only from neighbours as blurred as itself, so that sharp
 * objects keep their edges. A circle is at most half as wide as the image is high. Without `focusDistance` everything
 * is sharp.
 */
export function blurDepth(camera: Camera, radiance: Float32Array, depth: Float32Array): Float32Array {
  const { focusDistance, aperture = usualAperture, width, height } = camera
  if (focusDistance === undefined || aperture === 0) return radiance
  const focal = height / 2 / Math.tan((camera.verticalFov * Math.PI) / 360)
  const radii = new Float32Array(depth.length)
  let most = 0
  for (let pixel = 0; pixel < radii.length; pixel++) {
    const radius = (aperture * focal * Math.abs(1 / focusDistance - 1 / depth[pixel]!)) / 2
    radii[pixel] = Math.min(radius, height / 4)
    if (radius > most) most = radius
  }
  if (most < sharp) return radiance
  const steps = Math.round(Math.min(most, height / 4) * stepsPerPixel)
  const circles = Array.from({ length: steps + 1 }, (_, step) => circle(step))
  return gather(radiance, depth, radii, circles, width, height)
}

/** Radius of a circle that lies within its pixel. */
const sharp = 0.5

/** Steps of radius a pixel, for which circles are listed. */
const stepsPerPixel = 2

/** Most samples of one circle. */
const mostTaps = 20

/** Pixels of a circle, without its middle: columns, rows and distances from it. */
interface Circle {
  readonly x: Int32Array
  readonly y: Int32Array
  readonly distance: Float64Array
}

/** Circle of a radius in steps: all its pixels, or a limited count evenly spread (Vogel's sunflower, 1979). */
const circle = recent(256, (step) => {
  const radius = step! / stepsPerPixel
  const reach = Math.ceil(radius)
  const side = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach)
  const all = side.flatMap((y) => side.map((x) => ({ x, y, distance: Math.hypot(x, y) })))
  const inside = all.filter(({ distance }) => distance > 0 && distance <= radius)
  const places = inside.length > mostTaps ? sunflower(radius) : inside
  return {
    x: Int32Array.from(places, (place) => place.x),
    y: Int32Array.from(places, (place) => place.y),
    distance: Float64Array.from(places, (place) => place.distance),
  } satisfies Circle
})

const sunflower = (radius: number) =>
  Array.from({ length: mostTaps }, (_, i) => {
    const distance = radius * Math.sqrt((i + 0.5) / mostTaps)
    const angle = i * Math.PI * (3 - Math.sqrt(5))
    return { x: Math.round(distance * Math.cos(angle)), y: Math.round(distance * Math.sin(angle)), distance }
  })

function gather(
  radiance: Float32Array,
  depth: Float32Array,
  radii: Float32Array,
  circles: readonly Circle[],
  width: number,
  height: number,
): Float32Array {
  const out = new Float32Array(radiance.length)
  for (let row = 0, pixel = 0; row < height; row++) {
    for (let column = 0; column < width; column++, pixel++) {
      const { x, y, distance } = circles[Math.round(radii[pixel]! * stepsPerPixel)]!
      const own = depth[pixel]!
      let red = radiance[3 * pixel]!
      let green = radiance[3 * pixel + 1]!
      let blue = radiance[3 * pixel + 2]!
      let total = 1
      for (let tap = 0; tap < x.length; tap++) {
        const there = column + x[tap]!
        const below = row + y[tap]!
        if (there < 0 || below < 0 || there >= width || below >= height) continue
        const from = below * width + there
        if (depth[from]! < own && radii[from]! < distance[tap]!) continue
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
