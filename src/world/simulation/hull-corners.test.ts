import { expect, test } from 'vitest'
import { hullCorners } from './hull-corners.ts'

/** Vertices of a ball, spread evenly. */
const ball = (count: number, radius: number) =>
  Float64Array.from(
    Array.from({ length: count }, (_, i) => {
      const z = 1 - (2 * i + 1) / count
      const angle = 2.4 * i
      const side = Math.sqrt(1 - z * z)
      return [side * Math.cos(angle), side * Math.sin(angle), z].map((part) => radius * part)
    }).flat(),
  )

/** How far vertices reach in a direction. */
const reach = (vertices: Float64Array, [x, y, z]: readonly number[]) =>
  Math.max(
    ...Array.from(
      { length: vertices.length / 3 },
      (_, i) => vertices[3 * i]! * x! + vertices[3 * i + 1]! * y! + vertices[3 * i + 2]! * z!,
    ),
  )

const sorted = (vertices: Float64Array) =>
  Array.from({ length: vertices.length / 3 }, (_, i) => `${vertices.slice(3 * i, 3 * i + 3)}`).sort()

test('all corners of a box stay, in any frame', () => {
  const corners = [0.1, 0.3].flatMap((x) => [-0.02, 0].flatMap((y) => [1, 1.5].flatMap((z) => [x, y, z])))
  const box = Float64Array.from(corners)
  expect(sorted(hullCorners(box))).toEqual(sorted(box))
})

test('a round part loses corners, and no direction more than a quarter of a millimetre and what lies between them', () => {
  const whole = ball(8000, 0.06)
  const chosen = hullCorners(whole)
  expect(chosen.length).toBeLessThan(whole.length / 8)
  for (let i = 0; i < 500; i++) {
    const direction = [Math.sin(i) * Math.cos(3 * i), Math.sin(i) * Math.sin(3 * i), Math.cos(i)]
    const missing = reach(whole, direction) - reach(chosen, direction)
    expect(missing).toBeGreaterThanOrEqual(0)
    expect(missing).toBeLessThan(3.5e-4)
  }
})
