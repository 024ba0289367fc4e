import type { Features } from '../suite/subject.ts'

/**
 * Vectors [images, width] of the first caption of each image. Captions are distinct in the features; one whose words are spelled
 * otherwise there, but read the same by the tokenizer, is embedded by `embed`.
 */
export async function firstCaptions(
  features: Features,
  embed: (texts: readonly string[]) => Promise<Float32Array>,
): Promise<Float32Array> {
  const { samples, imageIds, textIds, textCaptions, textFeatures, width } = features
  const rowOf = new Map<string, number>()
  for (const [row, id] of textIds.entries()) {
    const caption = samples.get(id)?.captions[textCaptions[row]!]
    if (caption !== undefined && !rowOf.has(caption)) rowOf.set(caption, row)
  }
  const captions = imageIds.map((id) => samples.get(id)!.captions[0]!)
  const others = [...new Set(captions.filter((caption) => !rowOf.has(caption)))]
  const embedded = others.length > 0 ? await embed(others) : new Float32Array()
  const placeOf = new Map(others.map((caption, place) => [caption, place]))
  const result = new Float32Array(captions.length * width)
  for (const [i, caption] of captions.entries()) {
    const row = rowOf.get(caption)
    const [from, place] = row === undefined ? [embedded, placeOf.get(caption)!] : [textFeatures, row]
    result.set(from.subarray(place * width, (place + 1) * width), i * width)
  }
  return result
}
