import { float32, type HostArray } from '../../core/index.ts'

/** Ratio between the longest and the shortest wave. */
const temperature = 10_000

/**
 * Sinusoids of Vaswani et al. (2017): [positions, width], sine of position/10000^(2⌊i/2⌋/width) at even i, cosine at odd i.
 */
export function sinusoids(positions: number, width: number): HostArray<'float32'> {
  const table = new Float32Array(positions * width)
  for (let position = 0; position < positions; position++)
    for (let i = 0; i < width; i++) {
      const angle = position / temperature ** ((2 * Math.floor(i / 2)) / width)
      table[position * width + i] = i % 2 === 0 ? Math.sin(angle) : Math.cos(angle)
    }
  return float32([positions, width], table)
}

/**
 * Sinusoids of the cells of a picture, row by row, as in DETR (Carion et al. 2020): [rows·columns, width]. The first half of the
 * width stands for the row, the second for the column, each counted from 1 and scaled so that the last is at 2π.
 */
export function cellSinusoids(rows: number, columns: number, width: number): HostArray<'float32'> {
  const half = width / 2
  const table = new Float32Array(rows * columns * width)
  const fill = (at: number, place: number, count: number) => {
    for (let i = 0; i < half; i++) {
      const angle = ((place + 1) / (count + 1e-6)) * 2 * Math.PI
      const scaled = angle / temperature ** ((2 * Math.floor(i / 2)) / half)
      table[at + i] = i % 2 === 0 ? Math.sin(scaled) : Math.cos(scaled)
    }
  }
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const at = (row * columns + column) * width
      fill(at, row, rows)
      fill(at + half, column, columns)
    }
  return float32([rows * columns, width], table)
}

/**
 * Angular frequencies of the embedding of flow time in π0 and SmolVLA: [width/2], 2π over periods from 0.004 to 4, evenly spaced in
 * their logarithm.
 */
export function timeFrequencies(width: number): HostArray<'float32'> {
  const [shortest, longest] = [4e-3, 4]
  const count = width / 2
  const periods = Array.from(
    { length: count },
    (_, i) => shortest * (longest / shortest) ** (count > 1 ? i / (count - 1) : 0),
  )
  return float32(
    [1, count],
    periods.map((period) => (2 * Math.PI) / period),
  )
}
