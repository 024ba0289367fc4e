/**
 * The losses of a JPEG file without its bytes: what a baseline encoder and decoder make of an image. Integers are rounded
 * where libjpeg rounds them (ITU-T T.81; JFIF's colours).
 */

/** Samples of one component, row by row, from 0 to 255. */
interface Component {
  readonly width: number
  readonly height: number
  readonly data: Float32Array
}

/**
 * Store colours as JPEG and read them again, in place: YCbCr with the chroma at half the resolution (4:2:0), blocks of 8 × 8
 * by the discrete cosine transform, quantized with the standard tables (T.81, annex K) scaled by quality as libjpeg does.
 * @param planes Red, green and blue in [0, 1], [3, height, width].
 * @param quality From 1 to 100.
 */
export function throughJpeg(
  planes: Float32Array,
  { width, height }: { readonly width: number; readonly height: number },
  quality: number,
): void {
  const [luma, ...chroma] = toYCbCr(planes, width, height) as [Component, Component, Component]
  const y = quantized(luma, scaledTable(lumaTable, quality))
  const [cb, cr] = chroma.map((component) =>
    doubled(quantized(halved(component), scaledTable(chromaTable, quality)), width, height),
  ) as [Component, Component]
  toColors(planes, y, cb, cr)
}

function toYCbCr(planes: Float32Array, width: number, height: number): Component[] {
  const area = width * height
  const components = [0, 1, 2].map(() => ({ width, height, data: new Float32Array(area) }))
  for (let i = 0; i < area; i++) {
    const [red, green, blue] = [i, i + area, i + 2 * area].map((at) => byte(255 * planes[at]!)) as Triple
    components[0]!.data[i] = byte(0.299 * red + 0.587 * green + 0.114 * blue)
    components[1]!.data[i] = byte(128 - 0.168735892 * red - 0.331264108 * green + 0.5 * blue)
    components[2]!.data[i] = byte(128 + 0.5 * red - 0.418687589 * green - 0.081312411 * blue)
  }
  return components
}

type Triple = [number, number, number]

function toColors(planes: Float32Array, { data }: Component, cb: Component, cr: Component): void {
  const area = data.length
  for (let i = 0; i < area; i++) {
    const [blueness, redness] = [cb.data[i]! - 128, cr.data[i]! - 128]
    planes[i] = byte(data[i]! + 1.402 * redness) / 255
    planes[i + area] = byte(data[i]! - 0.344136286 * blueness - 0.714136286 * redness) / 255
    planes[i + 2 * area] = byte(data[i]! + 1.772 * blueness) / 255
  }
}

const byte = (value: number): number => Math.min(255, Math.max(0, Math.round(value)))

/** Means of 2 × 2 samples; the last ones continue beyond an odd edge. Halves are rounded down and up in turn. */
function halved({ width, height, data }: Component): Component {
  const half = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) }
  const out = new Float32Array(half.width * half.height)
  for (let row = 0; row < half.height; row++) {
    const [upper, lower] = [2 * row * width, Math.min(height - 1, 2 * row + 1) * width] as const
    for (let column = 0; column < half.width; column++) {
      const [left, right] = [2 * column, Math.min(width - 1, 2 * column + 1)] as const
      const sum = data[upper + left]! + data[upper + right]! + data[lower + left]! + data[lower + right]!
      out[row * half.width + column] = Math.floor((sum + 1 + (column % 2)) / 4)
    }
  }
  return { ...half, data: out }
}

/** Twice the resolution: 3/4 of the near sample and 1/4 of the far one along each axis (libjpeg's "fancy upsampling"). */
function doubled({ width, height, data }: Component, toWidth: number, toHeight: number): Component {
  const out = new Float32Array(toWidth * toHeight)
  for (let row = 0; row < toHeight; row++) {
    const near = (row >> 1) * width
    const far = inside((row >> 1) + (row % 2 === 0 ? -1 : 1), height) * width
    for (let column = 0; column < toWidth; column++) {
      const at = column >> 1
      const beside = inside(at + (column % 2 === 0 ? -1 : 1), width)
      const sum = 9 * data[near + at]! + 3 * (data[far + at]! + data[near + beside]!) + data[far + beside]!
      out[row * toWidth + column] = Math.floor((sum + 8 - (column % 2)) / 16)
    }
  }
  return { width: toWidth, height: toHeight, data: out }
}

const inside = (index: number, length: number): number => Math.min(length - 1, Math.max(0, index))

/** Component after its coefficients were rounded to multiples of the table's steps. The last samples continue beyond the edges. */
function quantized({ width, height, data }: Component, steps: readonly number[]): Component {
  const out = new Float32Array(data.length)
  const block = new Float64Array(64)
  const turned = new Float64Array(64)
  for (let top = 0; top < height; top += 8) {
    for (let left = 0; left < width; left += 8) {
      for (let i = 0; i < 64; i++) {
        block[i] = data[inside(top + (i >> 3), height) * width + inside(left + (i & 7), width)]! - 128
      }
      transform(block, turned, cosines)
      for (let i = 0; i < 64; i++) block[i] = nearestMultiple(block[i]!, steps[i]!)
      transform(block, turned, inverseCosines)
      for (let i = 0; i < 64; i++) {
        const [row, column] = [top + (i >> 3), left + (i & 7)] as const
        if (row < height && column < width) out[row * width + column] = byte(block[i]! + 128)
      }
    }
  }
  return { width, height, data: out }
}

/** Nearest multiple of a step; a half goes away from zero. libjpeg's coefficients are whole eighths, so that halves occur. */
function nearestMultiple(coefficient: number, step: number): number {
  const eighths = Math.round(8 * Math.abs(coefficient))
  return Math.sign(coefficient) * step * Math.floor(eighths / (8 * step) + 0.5)
}

/** Product M · block · Mᵀ in place, M [8, 8]. Each pass multiplies the rows and turns the block. */
function transform(block: Float64Array, turned: Float64Array, matrix: Float64Array): void {
  multiplyRows(block, turned, matrix)
  multiplyRows(turned, block, matrix)
}

function multiplyRows(from: Float64Array, to: Float64Array, matrix: Float64Array): void {
  for (let row = 0; row < 8; row++) {
    for (let k = 0; k < 8; k++) {
      let sum = 0
      for (let i = 0; i < 8; i++) sum += matrix[8 * k + i]! * from[8 * row + i]!
      to[8 * k + row] = sum
    }
  }
}

/** Matrix of the discrete cosine transform: orthonormal, row k has frequency k. */
const cosines = Float64Array.from({ length: 64 }, (_, at) => {
  const [k, i] = [at >> 3, at & 7] as const
  return (k === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * i + 1) * k * Math.PI) / 16)
})

const inverseCosines = cosines.map((_, at) => cosines[8 * (at & 7) + (at >> 3)]!)

/** Steps of a quality: 50 is the table itself, 100 has steps of 1. */
function scaledTable(table: readonly number[], quality: number): number[] {
  const scale = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality
  return table.map((step) => Math.min(255, Math.max(1, Math.floor((step * scale + 50) / 100))))
}

/** Table K.1, row by row: the finer the detail, the larger the step. */
const lumaTable = [
  [16, 11, 10, 16, 24, 40, 51, 61],
  [12, 12, 14, 19, 26, 58, 60, 55],
  [14, 13, 16, 24, 40, 57, 69, 56],
  [14, 17, 22, 29, 51, 87, 80, 62],
  [18, 22, 37, 56, 68, 109, 103, 77],
  [24, 35, 55, 64, 81, 104, 113, 92],
  [49, 64, 78, 87, 103, 121, 120, 101],
  [72, 92, 95, 98, 112, 100, 103, 99],
].flat()

/** Table K.2. */
const chromaTable = [
  [17, 18, 24, 47, 99, 99, 99, 99],
  [18, 21, 26, 66, 99, 99, 99, 99],
  [24, 26, 56, 99, 99, 99, 99, 99],
  [47, 66, 99, 99, 99, 99, 99, 99],
  ...Array.from({ length: 4 }, () => new Array<number>(8).fill(99)),
].flat()
