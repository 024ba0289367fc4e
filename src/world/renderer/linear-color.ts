import type { Color } from '../../data/index.ts'

/** Linear colour of an sRGB colour (IEC 61966-2-1), per channel. */
export const linear = (color: Color): Color => [fromSrgb(color[0]), fromSrgb(color[1]), fromSrgb(color[2])]

function fromSrgb(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
}

/** sRGB value of linear light, both 1 at full white. */
export const srgb = (light: number): number =>
  light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055

/** Steps of the table that replaces the power; finer than a byte at the steepest slope. */
const steps = 8192

const table = Float32Array.from({ length: steps + 1 }, (_, i) => 255 * srgb(i / steps))

/** sRGB value of linear light, times 255, not rounded. Light beyond full white is full white. */
export function srgb255(light: number): number {
  if (!(light > 0)) return 0
  return light >= 1 ? 255 : table[(light * steps + 0.5) | 0]!
}
