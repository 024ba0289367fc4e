import { linear } from './linear-color.ts'
import { type Pattern, patterns } from './patterns.ts'
import type { Solid } from './solid.ts'
import { pixelWidth, type Surfaces, visitStretches } from './surfaces.ts'

/** A material's colours, linear, and how they are mixed. */
interface Paint {
  readonly color: readonly [number, number, number]
  /** What the second colour adds to the first. */
  readonly difference: readonly [number, number, number]
  readonly pattern: Pattern | undefined
  /** Metres of one unit of the pattern. */
  readonly scale: number
}

/** How far below its surface a solid is cut for its pattern, metres: faces often lie on the border of two checks. */
const depthOfCut = 0.0005

/** Write the colour of every pixel, before light. `focal` is that of the view, in pixels. */
export function paintSurfaces(focal: number, solids: readonly Solid[], surfaces: Surfaces): void {
  const paints = solids.map(paintOf)
  const { red, green, blue } = surfaces
  visitStretches(surfaces, (number, from, end) => {
    const { color, pattern } = paints[number]!
    red.fill(color[0], from, end)
    green.fill(color[1], from, end)
    blue.fill(color[2], from, end)
    if (pattern !== undefined)
      mixColors(focal, solids[number]!, paints[number]!, pattern, surfaces, from, end)
  })
}

function paintOf({ object: { material } }: Solid): Paint {
  const color = linear(material.color)
  const { texture } = material
  if (texture === undefined) return { color, difference: [0, 0, 0], pattern: undefined, scale: 1 }
  const second = linear(texture.color)
  return {
    color,
    difference: [second[0] - color[0], second[1] - color[1], second[2] - color[2]],
    pattern: patterns[texture.kind],
    scale: texture.scale,
  }
}

/** Add the second colour, by the pattern at the places that the pixels see, in the coordinates of the solid. */
function mixColors(
  focal: number,
  { object: { position, rotation: r } }: Solid,
  { difference, scale }: Paint,
  pattern: Pattern,
  surfaces: Surfaces,
  from: number,
  end: number,
): void {
  const [px, py, pz] = position
  const { normalX, normalY, normalZ, red, green, blue } = surfaces
  const perMetre = 1 / scale
  for (let pixel = from; pixel < end; pixel++) {
    const nx = normalX[pixel]!
    const ny = normalY[pixel]!
    const nz = normalZ[pixel]!
    const x = (surfaces.x[pixel]! - px - depthOfCut * nx) * perMetre
    const y = (surfaces.y[pixel]! - py - depthOfCut * ny) * perMetre
    const z = (surfaces.z[pixel]! - pz - depthOfCut * nz) * perMetre
    const share = pattern(
      r[0]! * x + r[3]! * y + r[6]! * z,
      r[1]! * x + r[4]! * y + r[7]! * z,
      r[2]! * x + r[5]! * y + r[8]! * z,
      r[0]! * nx + r[3]! * ny + r[6]! * nz,
      r[1]! * nx + r[4]! * ny + r[7]! * nz,
      r[2]! * nx + r[5]! * ny + r[8]! * nz,
      pixelWidth(surfaces, pixel, focal) * perMetre,
    )
    red[pixel]! += share * difference[0]
    green[pixel]! += share * difference[1]
    blue[pixel]! += share * difference[2]
  }
}
