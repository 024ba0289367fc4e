import { type HostArray, hostArray, zeros } from '../../core/index.ts'
import { padName, type WindowedFeature } from './chosen-features.ts'
import type { EpisodeRows } from './episode-rows.ts'

/** Frame at `delta` from a frame, held within an episode of `length` frames. */
const held = (frame: number, delta: number, length: number): number =>
  Math.max(0, Math.min(length - 1, frame + delta))

/**
 * Arrays of the sample of a frame. Of a window, frame t + δ is that of max(0, min(length − 1, t + δ)), and
 * `<name>_is_pad` is 1 where t + δ lies outside the episode, as with LeRobot's `delta_timestamps`.
 */
export function windowsAt(
  { values }: EpisodeRows,
  frame: number,
  length: number,
  features: readonly WindowedFeature[],
): Record<string, HostArray> {
  const arrays: Record<string, HostArray> = {}
  for (const { name, dtype, shape, deltas, isWindow } of features) {
    const own = values[name]!
    const width = own.length / length
    const window = zeros(dtype, isWindow ? [deltas.length, ...shape] : shape)
    for (const [step, delta] of deltas.entries()) {
      const from = held(frame, delta, length) * width
      window.data.set(own.subarray(from, from + width) as never, step * width)
    }
    arrays[name] = window
    if (!isWindow) continue
    const pad = deltas.map((delta) => Number(frame + delta < 0 || frame + delta >= length))
    arrays[padName(name)] = hostArray('bool', [deltas.length], Uint8Array.from(pad))
  }
  return arrays
}

/** First frame among those that the sample of a frame holds which cannot be used; undefined where all can. */
export function unusableFrame(
  { unusable }: EpisodeRows,
  frame: number,
  length: number,
  features: readonly WindowedFeature[],
): { readonly frame: number; readonly key: string } | undefined {
  if (unusable.size === 0) return undefined
  for (const { deltas } of features)
    for (const delta of deltas) {
      const other = held(frame, delta, length)
      const key = unusable.get(other)
      if (key !== undefined) return { frame: other, key }
    }
  return undefined
}
