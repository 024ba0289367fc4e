import { gatherRows, type HostArray, hostArray } from '../../../core/index.ts'

type Arrays = Readonly<Record<string, HostArray>>

/** A batch that holds each image once, with the same number of samples for each. */
export interface SharedPictures {
  /** `pixelValues` [images, …]; all other arrays [images · samples, …], the samples of one image consecutive. */
  readonly arrays: Arrays
  /** Index of the batch's sample at each place of the other arrays; −1: empty place without weight. */
  readonly places: readonly number[]
}

/** Number of size steps: images are filled up to a multiple of 1/16 of the batch, so that few shapes occur. */
const parts = 16

/**
 * Hold each image once: consecutive samples with the same pixels share it. Images with fewer samples than the largest
 * group get empty places; empty places and filled-up images repeat the first sample.
 *
 * @param arrays Arrays of one batch; every array has one row for each sample.
 * @returns The unchanged batch when no two consecutive samples share an image.
 */
export function sharePictures(arrays: Arrays): SharedPictures {
  const { pixelValues, ...others } = arrays
  const count = pixelValues!.shape[0]!
  const groups = groupsOf(pixelValues!)
  const samples = Math.max(...groups.map(({ length }) => length))
  if (samples === 1) return { arrays, places: Array.from({ length: count }, (_, row) => row) }
  const step = Math.max(1, Math.ceil(count / parts))
  const images = Math.ceil(groups.length / step) * step
  const places = Array.from(
    { length: images * samples },
    (_, place) => groups[Math.floor(place / samples)]?.[place % samples] ?? -1,
  )
  const rows = places.map((row) => Math.max(row, 0))
  const pictures = Array.from({ length: images }, (_, image) => groups[image]?.[0] ?? 0)
  return {
    arrays: {
      pixelValues: gatherRows(pixelValues!, pictures),
      ...Object.fromEntries(Object.entries(others).map(([name, array]) => [name, gatherRows(array, rows)])),
    },
    places,
  }
}

/** Rows of `array` in the order of `places`; rows of empty places are zero. */
export function placed(array: HostArray<'float32'>, places: readonly number[]): HostArray<'float32'> {
  const values = Float32Array.from(places, (row) => (row < 0 ? 0 : array.data[row]!))
  return hostArray('float32', [places.length], values)
}

/** The samples of each image: consecutive rows whose pixels are the same, bit for bit. */
function groupsOf({ shape, data }: HostArray): number[][] {
  const count = shape[0]!
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const size = bytes.length / count
  const groups: number[][] = []
  for (let row = 0; row < count; row++) {
    const start = row * size
    const isSame = row > 0 && bytes.compare(bytes, start - size, start, start, start + size) === 0
    if (isSame) groups.at(-1)!.push(row)
    else groups.push([row])
  }
  return groups
}
