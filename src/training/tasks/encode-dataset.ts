import type { Batch, HostArray } from '../../core/index.ts'
import type { DualEncoderPrograms } from '../../models/index.ts'

/** A data set in a dual encoder's shared space; what `crossModalRetrieval` takes, and who is who. */
export interface EncodedDataset {
  /** Ids of the images, in the order of their rows. */
  readonly imageIds: readonly string[]
  /** For each distinct caption the id of the first image that has it. */
  readonly textIds: readonly string[]
  /** Unit vectors [images, width] and [captions, width]. */
  readonly imageFeatures: Float32Array
  readonly textFeatures: Float32Array
  readonly width: number
  readonly imageConcepts: readonly string[]
  readonly textConcepts: readonly (readonly string[])[]
}

/** Encode every image and every distinct caption. Batches as for training, each sample with its first caption. */
export async function encodeDataset(
  encoders: DualEncoderPrograms,
  batches: AsyncIterable<Batch>,
): Promise<EncodedDataset> {
  const imageIds: string[] = []
  const textIds: string[] = []
  const imageRows: Float32Array[] = []
  const textRows: Float32Array[] = []
  const imageConcepts: string[] = []
  const captions = new Map<string, Set<string>>()
  for await (const { ids, arrays } of batches) {
    const { pixelValues, inputIds, concepts } = arrays as Record<string, HostArray>
    const images = rowsOf(await encoders.encodeImages(pixelValues!), ids.length)
    const texts = rowsOf(await encoders.encodeTexts(inputIds!), ids.length)
    const tokens = rowsOf(inputIds!.data as BigInt64Array, ids.length)
    imageIds.push(...ids)
    imageRows.push(...images)
    for (const [row, id] of ids.entries()) {
      const concept = String(concepts!.data[row])
      imageConcepts.push(concept)
      const caption = tokens[row]!.join()
      if (!captions.has(caption)) {
        captions.set(caption, new Set())
        textIds.push(id)
        textRows.push(texts[row]!)
      }
      captions.get(caption)!.add(concept)
    }
  }
  return {
    imageIds,
    textIds,
    imageFeatures: joined(imageRows),
    textFeatures: joined(textRows),
    width: imageRows[0]?.length ?? 0,
    imageConcepts,
    textConcepts: Array.from(captions.values(), (concepts) => [...concepts]),
  }
}

function rowsOf<Values extends Float32Array | BigInt64Array>(values: Values, count: number): Values[] {
  const width = values.length / count
  return Array.from({ length: count }, (_, row) => values.subarray(row * width, (row + 1) * width) as Values)
}

function joined(rows: readonly Float32Array[]): Float32Array {
  const width = rows[0]?.length ?? 0
  const result = new Float32Array(rows.length * width)
  rows.forEach((row, i) => {
    result.set(row, i * width)
  })
  return result
}
