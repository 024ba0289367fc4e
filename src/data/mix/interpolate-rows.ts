import { type HostArray, zeros } from '../../core/index.ts'
import type { Shares } from './mix-labels.ts'

/** Compute `own · row + (1 − own) · partner's row` for each row, whatever its shape. */
export function interpolateRows(
  { shape, data }: HostArray<'float32'>,
  { own, partners }: Shares,
): HostArray<'float32'> {
  const mixed = zeros('float32', shape)
  const size = data.length / partners.length
  for (const [row, partner] of partners.entries()) {
    const share = own[row]!
    const [from, other] = [row * size, partner * size]
    for (let i = 0; i < size; i++) {
      const value = data[other + i]!
      mixed.data[from + i] = value + share * (data[from + i]! - value)
    }
  }
  return mixed
}
