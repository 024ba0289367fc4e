import type { Batch, HostArray } from '../../core/index.ts'
import { type CrossModalRetrieval, crossModalRetrieval } from '../../metrics/index.ts'
import type { DualEncoderPrograms } from '../../models/index.ts'

/**
 * Cross-modal retrieval over a whole data set (S1): every image against every distinct caption, both ways.
 * Batches as for training, each sample with its first caption.
 */
export async function evaluateRetrieval(
  encoders: DualEncoderPrograms,
  batches: AsyncIterable<Batch>,
): Promise<CrossModalRetrieval> {
  const imageFeatures: number[] = []
  const textFeatures: number[] = []
  const imageConcepts: string[] = []
  const captions = new Map<string, Set<string>>()
  for await (const { arrays } of batches) {
    const { pixelValues, inputIds, concepts } = arrays as Record<string, HostArray>
    const images = await encoders.encodeImages(pixelValues!)
    const texts = await encoders.encodeTexts(inputIds!)
    const width = images.length / pixelValues!.shape[0]!
    const length = inputIds!.shape[1]!
    for (const value of images) imageFeatures.push(value)
    for (let row = 0; row < concepts!.data.length; row++) {
      const concept = String(concepts!.data[row])
      imageConcepts.push(concept)
      const caption = inputIds!.data.subarray(row * length, (row + 1) * length).join()
      const described = captions.get(caption)
      if (described) {
        described.add(concept)
        continue
      }
      captions.set(caption, new Set([concept]))
      for (const value of texts.subarray(row * width, (row + 1) * width)) textFeatures.push(value)
    }
  }
  return crossModalRetrieval({
    imageFeatures: Float32Array.from(imageFeatures),
    textFeatures: Float32Array.from(textFeatures),
    width: imageFeatures.length / Math.max(imageConcepts.length, 1),
    imageConcepts,
    textConcepts: Array.from(captions.values(), (concepts) => [...concepts]),
  })
}
