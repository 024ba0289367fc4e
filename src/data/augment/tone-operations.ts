/**
 * Further operations on colours, in place, as in Pillow's `ImageOps` and `ImageEnhance` for bytes: red, green and blue
 * planes in [0, 1], [3, height, width].
 */

/** Byte of a colour. */
const byteOf = (color: number): number => Math.round(color * 255)

/** Keep the `bits` highest bits of every colour's byte, 1 to 8. */
export function posterize(planes: Float32Array, bits: number): void {
  const mask = 256 - 2 ** (8 - bits)
  for (let i = 0; i < planes.length; i++) planes[i] = (byteOf(planes[i]!) & mask) / 255
}

/** Turn colours from `threshold` on into their opposites, `1 − colour`; above 1 nothing changes. */
export function solarize(planes: Float32Array, threshold: number): void {
  for (let i = 0; i < planes.length; i++) if (planes[i]! >= threshold) planes[i] = 1 - planes[i]!
}

/** Stretch each channel so that its smallest value becomes 0 and its largest 1. */
export function autoContrast(planes: Float32Array): void {
  for (const channel of channelsOf(planes)) {
    let [least, most] = [1, 0]
    for (const value of channel) {
      if (value < least) least = value
      if (value > most) most = value
    }
    if (most <= least) continue
    for (let i = 0; i < channel.length; i++) channel[i] = (channel[i]! - least) / (most - least)
  }
}

/** Spread each channel's bytes so that their histogram is as flat as can be. */
export function equalize(planes: Float32Array): void {
  for (const channel of channelsOf(planes)) {
    const counts = new Uint32Array(256)
    for (const value of channel) counts[byteOf(value)]! += 1
    const lastUsed = counts.reduce((last, count, byte) => (count > 0 ? byte : last), 0)
    const step = Math.floor((channel.length - counts[lastUsed]!) / 255)
    if (step === 0) continue
    let below = Math.floor(step / 2)
    const table = Array.from(counts, (count) => {
      const value = Math.min(255, Math.floor(below / step))
      below += count
      return value / 255
    })
    for (let i = 0; i < channel.length; i++) channel[i] = table[byteOf(channel[i]!)]!
  }
}

/**
 * `smooth + factor · (colour − smooth)`, smooth the mean of a pixel, weighted 5, and its eight neighbours, weighted
 * 1. The outermost pixels stay.
 */
export function sharpen(
  planes: Float32Array,
  { width, height }: { readonly width: number; readonly height: number },
  factor: number,
): void {
  for (const channel of channelsOf(planes)) {
    const before = channel.slice()
    for (let y = 1; y < height - 1; y++) {
      for (let x = 1; x < width - 1; x++) {
        const at = y * width + x
        let sum = 4 * before[at]!
        for (let row = at - width; row <= at + width; row += width) {
          sum += before[row - 1]! + before[row]! + before[row + 1]!
        }
        const smooth = sum / 13
        channel[at] = Math.min(1, Math.max(0, smooth + factor * (before[at]! - smooth)))
      }
    }
  }
}

function channelsOf(planes: Float32Array): Float32Array[] {
  const area = planes.length / 3
  return [0, 1, 2].map((channel) => planes.subarray(channel * area, (channel + 1) * area))
}
