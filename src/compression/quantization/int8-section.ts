import { htmlTable, type Section } from '../../report/index.ts'
import type { Int8Plan } from './plan-int8.ts'
import type { LayerSensitivity } from './sensitivity.ts'

/**
 * The section of a page on layers in int8: what range their activations have, how they are smoothed and, where it was measured,
 * what they cost.
 */
export function int8Section(
  { layers, observation, precision }: Int8Plan,
  kept: ReadonlySet<string>,
  measured: readonly LayerSensitivity[] = [],
): Section {
  const signalToNoise = new Map(measured.map((each) => [each.layer, each.signalToNoise]))
  const rows = Array.from(layers, ([layer, { range, alpha }]) => [
    layer,
    kept.has(layer) ? 'float' : 'int8',
    `${range.low.toPrecision(3)} to ${range.high.toPrecision(3)}`,
    alpha === undefined ? 'none' : `α = ${alpha}`,
    ...(measured.length > 0 ? [decibels(signalToNoise.get(layer))] : []),
  ])
  const unseen = observation.unseen.map((layer) => [
    layer,
    'float',
    'not seen',
    ...(measured.length > 0 ? ['', ''] : ['']),
  ])
  return {
    title: 'Layers in int8',
    note: `Products have ${precision}. ${measured.length > 0 ? 'Signal to noise is that of the worst output with this layer alone in int8; lower is worse.' : ''}`.trim(),
    body: htmlTable({
      columns: [
        { title: 'Layer' },
        { title: 'Computed in' },
        { title: 'Range of activations', align: 'right' },
        { title: 'Smoothing' },
        ...(measured.length > 0 ? [{ title: 'Signal to noise', align: 'right' as const }] : []),
      ],
      rows: [...rows, ...unseen],
    }),
  }
}

const decibels = (value: number | undefined): string =>
  value === undefined || !Number.isFinite(value) ? 'no noise' : `${value.toFixed(1)} dB`
