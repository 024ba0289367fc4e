import { type HostArray, hostArray } from '../../../core/index.ts'

type Arrays = Readonly<Record<string, HostArray>>

/** A batch in which every picture stands once, with as many samples each. */
export interface SharedPictures {
  /** `pixelValues` [images, …]; all other arrays [images · samples, …], those of one image in a row. */
  readonly arrays: Arrays
  /** For each place of the other arrays the sample of the batch that stands there; −1: none, it must not count. */
  readonly places: readonly number[]
}

/** Pictures are filled up to a multiple of this part of the batch, so that few shapes occur. */
const parts = 16

/**
 * See each picture once: samples in a row with the same pixels share it. Where pictures have different numbers of
 * samples, places are left empty, as many as the most that one has; empty places and pictures repeat the first sample.
 *
 * @param arrays Of one batch; every array has a row a sample.
 * @returns The batch unchanged when no two samples in a row share a picture.
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
      pixelValues: rowsOf(pixelValues!, pictures),
      ...Object.fromEntries(Object.entries(others).map(([name, array]) => [name, rowsOf(array, rows)])),
    },
    places,
  }
}

/** Rows of `array` in the order of `places`; those of empty places are zero. */
export function placed(array: HostArray<'float32'>, places: readonly number[]): HostArray<'float32'> {
  const values = Float32Array.from(places, (row) => (row < 0 ? 0 : array.data[row]!))
  return hostArray('float32', [places.length], values)
}

/** The samples of each picture: rows in a row whose pixels are the same, bit for bit. */
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

function rowsOf({ dtype, shape, data }: HostArray, rows: readonly number[]): HostArray {
  const width = data.length / shape[0]!
  const Type = data.constructor as new (length: number) => typeof data
  const result = new Type(rows.length * width)
  for (const [to, row] of rows.entries()) {
    result.set(data.subarray(row * width, (row + 1) * width) as never, to * width)
  }
  return hostArray(dtype, [rows.length, ...shape.slice(1)], result as never)
}
