/** Weight of the newest loss in a running loss. */
const newest = 0.5

/** A running loss for each place of a source: NaN where none is known. */
export type RunningLosses = Float32Array

/** Losses of samples in the order in which they came. */
export interface SampleLosses {
  readonly ordinals: readonly number[]
  readonly losses: readonly number[]
}

/** Table after further losses; it grows to the places that are named. */
export function withLosses(table: RunningLosses, recent: readonly SampleLosses[]): RunningLosses {
  const size = recent.reduce(
    (most, { ordinals }) => Math.max(most, ...ordinals.map((n) => n + 1)),
    table.length,
  )
  const result = new Float32Array(size).fill(Number.NaN)
  result.set(table)
  for (const { ordinals, losses } of recent) {
    for (const [i, ordinal] of ordinals.entries()) {
      const before = result[ordinal]!
      const loss = losses[i]!
      result[ordinal] = Number.isNaN(before) ? loss : before + newest * (loss - before)
    }
  }
  return result
}

/** Text of losses for checkpoints: the little-endian bytes in base64, bit for bit. */
export function encodeLosses(table: RunningLosses): string {
  const bytes = new DataView(new ArrayBuffer(table.length * 4))
  for (const [i, loss] of table.entries()) bytes.setFloat32(i * 4, loss, true)
  return Buffer.from(bytes.buffer).toString('base64')
}

export function decodeLosses(text: string): RunningLosses {
  const bytes = Buffer.from(text, 'base64')
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4))
}
