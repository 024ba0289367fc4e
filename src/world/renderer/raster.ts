import type { Triangles } from './triangles.ts'

/** Nearest surface at the centre of each pixel, [height, width]. */
export interface Raster {
  readonly width: number
  readonly height: number
  readonly nearness: Float32Array
  /** Index of the triangle, −1 for none. Undefined in a raster for nearness only. */
  readonly triangle: Int32Array | undefined
}

/** Empty a raster; it accepts surfaces nearer than `nearness`. */
export function clearRaster(raster: Raster, nearness: number): void {
  raster.nearness.fill(nearness)
  raster.triangle?.fill(-1)
}

/**
 * Planes over the raster: one for each border of a triangle, a·x + b·y + c ≥ 0 inside, in the order of the opposite
 * corners; and one for its nearness.
 */
const planes = new Float64Array(12)

/** Displacement of a border that does not own the pixels centred on it: half the pitch of its values. */
const sliver = 2 ** -17

/** Draw all triangles from `first` on. Of two equally near triangles the first drawn stays. */
export function rasterize(triangles: Triangles, first: number, raster: Raster): void {
  const { x, y, corners } = triangles
  for (let triangle = first; triangle < triangles.count; triangle++) {
    const a = corners[3 * triangle]!
    const b = corners[3 * triangle + 1]!
    const c = corners[3 * triangle + 2]!
    // Rows and columns whose pixels have their centre within the bounds.
    const left = Math.max(0, Math.ceil(Math.min(x[a]!, x[b]!, x[c]!) - 0.5))
    const right = Math.min(raster.width - 1, Math.floor(Math.max(x[a]!, x[b]!, x[c]!) - 0.5))
    const top = Math.max(0, Math.ceil(Math.min(y[a]!, y[b]!, y[c]!) - 0.5))
    const bottom = Math.min(raster.height - 1, Math.floor(Math.max(y[a]!, y[b]!, y[c]!) - 0.5))
    if (left > right || top > bottom) continue
    measure(triangles, a, b, c)
    fill(raster, triangle, left, right, top, bottom)
  }
}

/** Write the planes of a triangle. */
function measure(triangles: Triangles, a: number, b: number, c: number): void {
  const { x, y, nearness } = triangles
  border(0, x[b]!, y[b]!, x[c]!, y[c]!)
  border(3, x[c]!, y[c]!, x[a]!, y[a]!)
  border(6, x[a]!, y[a]!, x[b]!, y[b]!)
  const area = planes[0]! * x[a]! + planes[1]! * y[a]! + planes[2]!
  const wa = nearness[a]! / area
  const wb = nearness[b]! / area
  const wc = nearness[c]! / area
  for (let i = 0; i < 3; i++) {
    planes[9 + i] = planes[i]! * wa + planes[3 + i]! * wb + planes[6 + i]! * wc
  }
  for (let i = 0; i < 9; i += 3) {
    const owns = planes[i]! > 0 || (planes[i]! === 0 && planes[i + 1]! > 0)
    if (!owns) planes[i + 2]! -= sliver
  }
}

/** Plane that is 0 from one corner to the next. */
function border(at: number, fromX: number, fromY: number, toX: number, toY: number): void {
  const a = toY - fromY
  const b = fromX - toX
  planes[at] = a
  planes[at + 1] = b
  planes[at + 2] = -(a * fromX + b * fromY)
}

/** Fill a triangle row by row: the borders give exact ends, between them only nearness is compared. */
function fill(
  { width, nearness, triangle: numbers }: Raster,
  triangle: number,
  left: number,
  right: number,
  top: number,
  bottom: number,
): void {
  const a = planes[9]!
  for (let row = top; row <= bottom; row++) {
    let from = left
    let to = right
    for (let i = 0; i < 9; i += 3) {
      const rise = planes[i]!
      const value = planes[i + 1]! * (row + 0.5) + planes[i + 2]!
      if (rise > 0) from = Math.max(from, Math.ceil(-value / rise - 0.5))
      else if (rise < 0) to = Math.min(to, Math.floor(-value / rise - 0.5))
      else if (value < 0) to = -1
    }
    let near = a * (from + 0.5) + planes[10]! * (row + 0.5) + planes[11]!
    const end = row * width + to
    for (let pixel = row * width + from; pixel <= end; pixel++, near += a) {
      if (near > nearness[pixel]!) {
        nearness[pixel] = near
        if (numbers !== undefined) numbers[pixel] = triangle
      }
    }
  }
}
