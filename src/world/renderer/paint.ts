import { linear } from './linear-color.ts'
import { type Pattern, patterns } from './patterns.ts'
import type { Solid } from './solid.ts'
import { pixelWidth, type Surfaces, visitStretches } from './surfaces.ts'
import { column } from './vector.ts'

/** Linear colours of a material and their mixture. */
interface Paint {
  readonly color: readonly [number, number, number]
  /** Second colour minus the first. */
  readonly difference: readonly [number, number, number]
  readonly pattern: Pattern | undefined
  /** Metres of one unit of the pattern. */
  readonly scale: number
}

/** Depth below the surface at which a pattern is sampled, metres: faces often lie on the border of two checks. */
const depthOfCut = 0.0005

/** Argument of `Pattern`. */
const cut = new Float64Array(7)

/** Write the colour of every pixel, before light. `focal` is the view's focal length, in pixels. */
export function paintSurfaces(focal: number, solids: readonly Solid[], surfaces: Surfaces): void {
  const paints = solids.map(paintOf)
  const { solid, red, green, blue } = surfaces
  for (let pixel = 0; pixel < solid.length; pixel++) {
    const number = solid[pixel]!
    if (number < 0) continue
    const { color } = paints[number]!
    red[pixel] = color[0]
    green[pixel] = color[1]
    blue[pixel] = color[2]
  }
  visitStretches(surfaces, (number, from, end) => {
    const { pattern } = paints[number]!
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

/** Add the second colour, by the pattern at the pixels' places in the solid. */
function mixColors(
  focal: number,
  { object: { position, rotation } }: Solid,
  { difference, scale }: Paint,
  pattern: Pattern,
  surfaces: Surfaces,
  from: number,
  end: number,
): void {
  const [px, py, pz] = position
  const [xx, xy, xz] = column(rotation, 0)
  const [yx, yy, yz] = column(rotation, 1)
  const [zx, zy, zz] = column(rotation, 2)
  const { x: worldX, y: worldY, z: worldZ, normalX, normalY, normalZ, red, green, blue } = surfaces
  const perMetre = 1 / scale
  for (let pixel = from; pixel < end; pixel++) {
    const nx = normalX[pixel]!
    const ny = normalY[pixel]!
    const nz = normalZ[pixel]!
    const x = (worldX[pixel]! - px - depthOfCut * nx) * perMetre
    const y = (worldY[pixel]! - py - depthOfCut * ny) * perMetre
    const z = (worldZ[pixel]! - pz - depthOfCut * nz) * perMetre
    cut[0] = xx * x + xy * y + xz * z
    cut[1] = yx * x + yy * y + yz * z
    cut[2] = zx * x + zy * y + zz * z
    cut[3] = xx * nx + xy * ny + xz * nz
    cut[4] = yx * nx + yy * ny + yz * nz
    cut[5] = zx * nx + zy * ny + zz * nz
    cut[6] = pixelWidth(surfaces, pixel, focal) * perMetre
    const share = pattern(cut)
    red[pixel]! += share * difference[0]
    green[pixel]! += share * difference[1]
    blue[pixel]! += share * difference[2]
  }
}
