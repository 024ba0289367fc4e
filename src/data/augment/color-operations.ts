/**
 * Operations on colours, in place: red, green and blue planes in [0, 1], [3, height, width]. They are those of
 * torchvision's `adjust_…`, results clamped to [0, 1].
 */

/** Weights of red, green and blue in the grey of a colour (ITU-R BT.601). */
const greyWeights = [0.299, 0.587, 0.114] as const

/** Faster here than Math.min and Math.max. */
function clamp(value: number): number {
  if (value < 0) return 0
  if (value > 1) return 1
  return value
}

/** `factor · colour`. */
export function brighten(planes: Float32Array, factor: number): void {
  for (let i = 0; i < planes.length; i++) planes[i] = clamp(planes[i]! * factor)
}

/** `mean + factor · (colour − mean)`, the mean of the picture's greys. */
export function contrast(planes: Float32Array, factor: number): void {
  const area = planes.length / 3
  let mean = 0
  for (let i = 0; i < area; i++) mean += greyOf(planes, i, area)
  const offset = (mean / area) * (1 - factor)
  for (let i = 0; i < planes.length; i++) planes[i] = clamp(planes[i]! * factor + offset)
}

/** `grey + factor · (colour − grey)`, the grey of the pixel. Factor 0 makes a picture grey. */
export function saturate(planes: Float32Array, factor: number): void {
  const area = planes.length / 3
  for (let i = 0; i < area; i++) {
    const offset = greyOf(planes, i, area) * (1 - factor)
    for (let c = i; c < planes.length; c += area) planes[c] = clamp(planes[c]! * factor + offset)
  }
}

/**
 * Turn the hue of the hexcone model (HSV) by `turns`. Value and saturation stay: the largest and smallest of
 * the three colours keep their values, and the hue says which channel has them and what the third one is.
 */
export function rotateHue(planes: Float32Array, turns: number): void {
  if (turns === 0) return
  const area = planes.length / 3
  for (let r = 0, g = area, b = 2 * area; r < area; r++, g++, b++) {
    const red = planes[r]!
    const green = planes[g]!
    const blue = planes[b]!
    const most = Math.max(red, green, blue)
    const least = Math.min(red, green, blue)
    const chroma = most - least
    if (chroma === 0) continue
    const hue = hueOf(red, green, blue, most, chroma) + 6 * turns
    const wheel = hue - 6 * Math.floor(hue / 6)
    planes[r] = least + chroma * clamp(Math.abs(wheel - 3) - 1)
    planes[g] = least + chroma * clamp(2 - Math.abs(wheel - 2))
    planes[b] = least + chroma * clamp(2 - Math.abs(wheel - 4))
  }
}

/** The hue in sixths of a turn: 0 red, 2 green, 4 blue. */
function hueOf(red: number, green: number, blue: number, most: number, chroma: number): number {
  if (most === red) return (green - blue) / chroma
  return most === green ? 2 + (blue - red) / chroma : 4 + (red - green) / chroma
}

const greyOf = (planes: Float32Array, pixel: number, area: number): number =>
  greyWeights[0] * planes[pixel]! +
  greyWeights[1] * planes[pixel + area]! +
  greyWeights[2] * planes[pixel + 2 * area]!
