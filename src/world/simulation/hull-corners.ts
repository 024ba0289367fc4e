/** Farthest that a hull of the chosen corners stays behind the whole one, metres: a quarter of what is a collision. */
const tolerance = 2.5e-4

/** Number of directions in which both are compared: 3° from one to the next. */
const directions = 4096

/**
 * The corners that matter of a convex hull: in every direction the hull of these reaches as far as the whole, within
 * 0.25 mm. All corners of a box or of a part with flat sides are kept, a few hundred of a finely rounded one.
 *
 * The distance of two convex bodies is the greatest difference of their extents over all directions (their support
 * functions). Directions come from coarse to fine, and each in which the chosen corners fall short adds its own.
 * @param vertices [vertices, 3] of the hull, metres.
 */
export function hullCorners(vertices: Float64Array): Float64Array {
  const chosen = new Float64Array(vertices.length)
  let count = 0
  for (let i = 0; i < directions; i++) {
    const [x, y, z] = directionOf((i * stride) % directions)
    const whole = farthest(vertices, vertices.length, x, y, z)
    const own = farthest(chosen, 3 * count, x, y, z)
    if (whole.reach - own.reach <= tolerance) continue
    chosen.set(vertices.subarray(whole.at, whole.at + 3), 3 * count)
    count += 1
  }
  return chosen.slice(0, 3 * count)
}

/** Odd, and near the golden part of all: the first few directions are spread over the sphere already. */
const stride = 2531

/** One of the directions, evenly spread over the sphere (a Fibonacci lattice). */
function directionOf(i: number): readonly [x: number, y: number, z: number] {
  const z = 1 - (2 * i + 1) / directions
  const radius = Math.sqrt(1 - z * z)
  const angle = Math.PI * (3 - Math.sqrt(5)) * i
  return [radius * Math.cos(angle), radius * Math.sin(angle), z]
}

/** Place of the vertex that lies farthest in a direction, among the first `length` numbers, and how far it lies. */
function farthest(
  vertices: Float64Array,
  length: number,
  x: number,
  y: number,
  z: number,
): { readonly at: number; readonly reach: number } {
  let at = 0
  let reach = Number.NEGATIVE_INFINITY
  for (let i = 0; i < length; i += 3) {
    const along = vertices[i]! * x + vertices[i + 1]! * y + vertices[i + 2]! * z
    if (along <= reach) continue
    at = i
    reach = along
  }
  return { at, reach }
}
