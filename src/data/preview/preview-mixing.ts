import { float32, type HostArray, int64, random, sliceRows } from '../../core/index.ts'
import { outputSize } from '../augment/index.ts'
import type { AugmentedRow } from '../augment-sample.ts'
import { emptyLabelRows, labelWidth, presentName, writeLabels } from '../label-rows.ts'
import type { MixMethod } from '../mix/index.ts'
import { mixBatch } from '../mix/mix-batch.ts'
import type { PrepareSpec } from '../prepare.ts'
import { displayed, pngOf } from './pictures.ts'

/** Two samples mixed. */
export interface MixedPreview {
  readonly method: MixMethod['kind']
  readonly png: Uint8Array
  /** Identifier of the sample, with its partner and the fraction of the image that is the sample's own. */
  readonly id: string
  readonly partner: string
  readonly share: number
  readonly captions: readonly [own: string, partner: string]
  /** Values as they stand in the batch: a class is a distribution. Labels that neither sample has are left out. */
  readonly labels: Readonly<Record<string, readonly number[]>>
}

/** The samples of a preview, in their first draw, as one batch that each method mixes. */
export async function previewMixing(
  samples: readonly { readonly id: string }[],
  rows: readonly AugmentedRow[],
  spec: PrepareSpec,
  methods: readonly MixMethod[],
): Promise<MixedPreview[]> {
  if (rows.length < 2) return []
  const batch = { ids: samples.map(({ id }) => id), arrays: arraysOf(rows, spec) }
  const captions = rows.map(({ caption }) => caption)
  const previews = methods.map((method) => {
    const { arrays } = mixBatch(batch, {
      methods: [{ ...method, probability: 1 }],
      labels: spec.labels,
      captions,
      random: random(spec.seed, 'preview', method.kind),
    })
    return batch.ids.map(async (id, row): Promise<MixedPreview> => {
      const partner = Number(arrays.partnerConcepts!.data[row])
      return {
        method: method.kind,
        png: await pngOf(displayed(rowOf(arrays.pixelValues!, row), spec.transforms)),
        id,
        partner: batch.ids[partner]!,
        share: arrays.imageShares!.data[row] as number,
        captions: [captions[row]!, captions[partner]!],
        labels: labelsOf(arrays, row, spec),
      }
    })
  })
  return Promise.all(previews.flat())
}

/** Arrays as from a loader, with the indices of rows as concepts. */
function arraysOf(rows: readonly AugmentedRow[], spec: PrepareSpec): Record<string, HostArray> {
  const size = outputSize(spec.transforms, spec.square.resolution)
  const pixels = new Float32Array(rows.length * 3 * size ** 2)
  const labels = emptyLabelRows(spec.labels, rows.length)
  for (const [row, { colors, labels: own }] of rows.entries()) {
    pixels.set(colors, row * colors.length)
    writeLabels(labels, row, own, spec.labels)
  }
  return {
    pixelValues: float32([rows.length, 3, size, size], pixels),
    concepts: int64(
      [rows.length],
      rows.map((_, row) => row),
    ),
    ...labels,
  }
}

const rowOf = (array: HostArray, row: number): Float32Array =>
  sliceRows(array as HostArray<'float32'>, row, row + 1).data

function labelsOf(arrays: Readonly<Record<string, HostArray>>, row: number, { labels }: PrepareSpec) {
  const present = Object.entries(labels).filter(([name]) => rowOf(arrays[presentName(name)]!, row)[0]! > 0)
  return Object.fromEntries(
    present.map(([name, kind]) => [name, [...rowOf(arrays[name]!, row).subarray(0, labelWidth(kind))]]),
  )
}
