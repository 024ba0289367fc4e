/**
 * Operations on colours, in place: red, green and blue planes in [0, 1], [3, height, width]. The operations are
 * torchvision's `adjust_…`, their results clamped to [0, 1].
 */

/** Weights of red, green and blue in the grey of a colour (ITU-R BT.601). */
const greyWeights = [0.299, 0.587, 0.114] as const

const clamp = (value: number): number => within(1, value)

/** `factor · colour`. */
export function brighten(planes: Float32Array, factor: number): void {
  for (let i = 0; i < planes.length; i++) planes[i] = clamp(planes[i]! * factor)
}

/** `mean + factor · (colour − mean)`, the mean of the image's greys. */
export function contrast(planes: Float32Array, factor: number): void {
  const area = planes.length / 3
  let mean = 0
  for (let i = 0; i < area; i++) mean += greyOf(planes, i, area)
  const offset = (mean / area) * (1 - factor)
  for (let i = 0; i < planes.length; i++) planes[i] = clamp(planes[i]! * factor + offset)
}

/** `grey + factor · (colour − grey)`, the grey of the pixel. Factor 0 makes an image grey. */
export function saturate(planes: Float32Array, factor: number): void {
  const area = planes.length / 3
  for (let r = 0, g = area, b = 2 * area; r < area; r++, g++, b++) {
    const offset = greyOf(planes, r, area) * (1 - factor)
    planes[r] = clamp(planes[r]! * factor + offset)
    planes[g] = clamp(planes[g]! * factor + offset)
    planes[b] = clamp(planes[b]! * factor + offset)
  }
}

/**
 * Turn the hue of the hexcone model (HSV) by `turns`. Value and saturation stay: the largest and the smallest of
 * the three colours keep their values, and the hue says which channel has them and what the third one is.
 * Hues are in units of a sixth of a turn times the chroma, which saves the divisions.
 */
export function rotateHue(planes: Float32Array, turns: number): void {
  const sixths = 6 * (turns - Math.floor(turns))
  if (sixths === 0) return
  const area = planes.length / 3
  for (let r = 0, g = area, b = 2 * area; r < area; r++, g++, b++) {
    const red = planes[r]!
    const green = planes[g]!
    const blue = planes[b]!
    const most = Math.max(red, green, blue)
    const least = Math.min(red, green, blue)
    const chroma = most - least
    let hue = hueOf(red, green, blue, most, chroma) + sixths * chroma
    if (hue >= 6 * chroma) hue -= 6 * chroma
    planes[r] = least + within(chroma, Math.abs(hue - 3 * chroma) - chroma)
    planes[g] = least + within(chroma, 2 * chroma - Math.abs(hue - 2 * chroma))
    planes[b] = least + within(chroma, 2 * chroma - Math.abs(hue - 4 * chroma))
  }
}

/** Hue in sixths of a turn times the chroma: 0 at red, 2 · chroma at green, 4 · chroma at blue, up to 6 · chroma. */
function hueOf(red: number, green: number, blue: number, most: number, chroma: number): number {
  if (most === red) return green < blue ? green - blue + 6 * chroma : green - blue
  return most === green ? blue - red + 2 * chroma : red - green + 4 * chroma
}

/** Value limited to 0 … most; faster here than Math.min and Math.max. */
function within(most: number, value: number): number {
  if (value < 0) return 0
  if (value > most) return most
  return value
}

const greyOf = (planes: Float32Array, pixel: number, area: number): number =>
  greyWeights[0] * planes[pixel]! +
  greyWeights[1] * planes[pixel + area]! +
  greyWeights[2] * planes[pixel + 2 * area]!
