import { type HostArray, splitRows, zeros } from '../../core/index.ts'
import { type LabelKinds, presentName } from '../label-rows.ts'
import type { LabelKind } from '../sample.ts'
import { interpolateRotation } from './interpolate-rotation.ts'

/** Own fraction of each sample, in [0, 1], and the partner that the rest comes from. */
export interface Shares {
  readonly own: Float32Array
  readonly partners: readonly number[]
}

type Arrays = Readonly<Record<string, HostArray>>

/**
 * Labels of mixed samples: λ · own + (1 − λ) · partner's. A class, which is a distribution in a batch, becomes a soft
 * target; rotations are interpolated as rotations. A label that only one of the two has is kept; `<name>Present` is
 * then the share of that sample.
 */
export function mixLabels(arrays: Arrays, kinds: LabelKinds, shares: Shares): Record<string, HostArray> {
  const mixed: Record<string, HostArray> = {}
  for (const [name, kind] of Object.entries(kinds)) {
    const presence = presentName(name)
    const [values, present] = [arrays[name], arrays[presence]] as HostArray<'float32'>[]
    const result = mixLabel(values!, present!, kind, shares)
    mixed[name] = result.values
    mixed[presence] = result.present
  }
  return mixed
}

function mixLabel(
  values: HostArray<'float32'>,
  present: HostArray<'float32'>,
  kind: LabelKind,
  { own, partners }: Shares,
) {
  const result = { values: zeros('float32', values.shape), present: zeros('float32', present.shape) }
  const width = values.shape[1]!
  const rows = splitRows(values.data, partners.length)
  for (const [row, partner] of partners.entries()) {
    const [share, rest] = [own[row]! * present.data[row]!, (1 - own[row]!) * present.data[partner]!]
    if (share + rest === 0) continue
    const part = rest / (share + rest)
    result.values.data.set(interpolated(rows[row]!, rows[partner]!, part, kind), row * width)
    result.present.data[row] = share + rest
  }
  return result
}

function interpolated(
  a: Float32Array,
  b: Float32Array,
  part: number,
  { kind }: LabelKind,
): ArrayLike<number> {
  const straight = a.map((value, i) => value + part * (b[i]! - value))
  if (kind !== 'pose' || part === 0) return straight
  straight.set(interpolateRotation([...a.subarray(3)], [...b.subarray(3)], part), 3)
  return straight
}
