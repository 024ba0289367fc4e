import { describe, expect, it } from 'vitest'
import { block, camera, lamp, matt, scene, solid } from '../../../test/support/scenes.ts'
import { linear, srgb } from './linear-color.ts'
import { render } from './render.ts'
import type { Camera, Rendering } from './render-scene.ts'

/** White in front of black: light from everywhere only. */
const even = { ambient: [1, 1, 1], lights: [], background: [0, 0, 0] } as const

/** A wall whose edge is at x = 0, at `distance`. */
const half = (distance: number) => block([4, 4, 0.1], [4, 0, -distance - 0.1])

const draw = (distance: number, change: Partial<Camera>) =>
  render(scene([half(distance)], { ...even, camera: camera({ width: 96, height: 96, ...change }) }))

/** Columns of the middle row in which the edge goes from dark to bright; linear light. */
function edgeWidth({ color, width, height }: Rendering): number {
  const row = Array.from({ length: width }, (_, column) => color[3 * ((height / 2) * width + column)]! / 255)
  const light = row.map((value) => linear([value, 0, 0])[0] / linear([row[width - 1]!, 0, 0])[0])
  return light.filter((value) => value > 0.02 && value < 0.98).length
}

describe('the lens', () => {
  const focal = 48 / Math.tan((25 * Math.PI) / 180)

  it('leaves sharp what is in focus', () => {
    const sharp = draw(1, {})
    const { color } = draw(1, { focusDistance: 1, aperture: 0.05 })
    const there = sharp.segmentation.map((id, pixel) =>
      id === 1 ? color[3 * pixel]! - sharp.color[3 * pixel]! : 0,
    )
    expect(Math.max(...there.map(Math.abs))).toBe(0)
  })

  it.each([
    [2, 0.5, 0.05],
    [1, 10, 0.08],
    [0.5, 1, 0.04],
  ])(
    'blurs what is at %f m and focused on %f m over a circle of its formula',
    (distance, focusDistance, aperture) => {
      const circle = aperture * focal * Math.abs(1 / focusDistance - 1 / distance)
      const width = edgeWidth(draw(distance, { focusDistance, aperture }))
      // The background is out of focus too, and takes its own part of the edge.
      expect(width).toBeGreaterThan(0.4 * circle - 1)
      expect(width).toBeLessThan(1.2 * circle + 2)
      expect(circle).toBeGreaterThan(4)
    },
  )

  it('sees everything sharp without a focus, or with a hole for a lens', () => {
    expect(edgeWidth(draw(2, {}))).toBe(0)
    expect(edgeWidth(draw(2, { focusDistance: 0.1, aperture: 0 }))).toBe(0)
  })

  it('neither adds nor takes light', () => {
    const plain = render(scene([solid({ kind: 'plane', halfSizes: [9, 9] }, [0, 0, -2])], { ...even }))
    const blurred = render(
      scene([solid({ kind: 'plane', halfSizes: [9, 9] }, [0, 0, -2])], {
        ...even,
        camera: camera({ focusDistance: 0.2, blur: 2 }),
      }),
    )
    expect(blurred.color).toEqual(plain.color)
  })
})

describe('blur', () => {
  it('spreads an edge as the Gaussian of its deviation', () => {
    const picture = draw(1, { blur: 3 })
    const at = (column: number) => linear([picture.color[3 * (48 * 96 + column)]! / 255, 0, 0])[0]
    // The integral of the Gaussian: 84 % one deviation to the right of the edge, 16 % one to the left.
    expect((at(50) + at(51)) / 2).toBeCloseTo(0.84, 1)
    expect((at(44) + at(45)) / 2).toBeCloseTo(0.16, 1)
    expect((at(47) + at(48)) / 2).toBeCloseTo(0.5, 1)
    expect(at(94)).toBeCloseTo(1, 2)
  })
})

describe("the sensor's noise", () => {
  const grey = (noise: number, seed: number) =>
    render({ ...scene([], { camera: camera({ noise }) }), background: [0.5, 0.5, 0.5] }, { seed }).color

  it.each([0.01, 0.03, 0.05])('of %f has that deviation, and mean 0', (noise) => {
    const values = Array.from(grey(noise, 3), (value) => value / 255 - 0.5)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
    expect(Math.abs(mean)).toBeLessThan(0.003)
    expect(Math.sqrt(variance) / noise).toBeCloseTo(1, 1)
  })

  it('is of its own in each channel and pixel', () => {
    const values = Array.from(grey(0.05, 3), (value) => value / 255 - 0.5)
    for (const lag of [1, 2, 3, 64 * 3]) {
      const products = values.slice(lag).map((value, i) => value * values[i]!)
      const correlation = products.reduce((sum, value) => sum + value, 0) / products.length / 0.05 ** 2
      expect(Math.abs(correlation)).toBeLessThan(0.05)
    }
  })

  it('depends on the seed', () => {
    expect(grey(0.05, 1)).toEqual(grey(0.05, 1))
    expect(grey(0.05, 1)).not.toEqual(grey(0.05, 2))
  })
})

describe('supersampling', () => {
  it('brings edges nearer to what a much finer picture shows', () => {
    const objects = [
      solid({ kind: 'sphere', radius: 0.3 }, [-0.1, 0.1, -1.2]),
      solid({ kind: 'capsule', radius: 0.1, halfLength: 0.3 }, [0.3, -0.2, -1], {
        id: 2,
        rotation: [0.8, 0, 0.6, 0, 1, 0, -0.6, 0, 0.8],
        material: { ...matt, color: [0.8, 0.1, 0.1] },
      }),
    ]
    const drawn = (factor: number, supersample: 1 | 2) =>
      render(
        scene(objects, { lights: [lamp], camera: camera({ width: 48 * factor, height: 48 * factor }) }),
        { supersample },
      )
    const fine = shrink(drawn(8, 2), 8)
    const error = (color: Uint8Array) =>
      Math.sqrt(color.reduce((sum, value, i) => sum + (value - fine[i]!) ** 2, 0) / color.length)
    expect(error(drawn(1, 2).color)).toBeLessThan(0.7 * error(drawn(1, 1).color))
  })
})

/** Means of linear light over squares of pixels. */
function shrink({ color, width }: Rendering, factor: number): number[] {
  const small = width / factor
  const sums = new Float64Array(3 * small * small)
  for (const [i, value] of color.entries()) {
    const [column, row] = [Math.floor(i / 3) % width, Math.floor(i / (3 * width))]
    const to = 3 * (Math.floor(row / factor) * small + Math.floor(column / factor)) + (i % 3)
    sums[to]! += linear([value / 255, 0, 0])[0] / factor ** 2
  }
  return Array.from(sums, (light) => 255 * srgb(light))
}
