import type { Sample, Source } from '../data/index.ts'
import { seenPicture } from '../data/index.ts'
import { type CaptionRuntime, imageOptionsOf } from '../deploy/index.ts'
import type { PictureStrip } from '../report/index.ts'

/** Number of images that are captioned, and of texts that the search follows. */
const shown = 8
const beams = 4

/** Captions that a model writes of some images of a data set, greedily and by beam search, beside the right ones. */
export async function captionExamples(runtime: CaptionRuntime, source: Source): Promise<PictureStrip[]> {
  const samples = await spreadOf(source)
  const images = samples.map(({ image }) => image)
  const greedy = await runtime.captions(images)
  const searched = await runtime.captions(images, { beams })
  const { augment: _, ...square } = imageOptionsOf(runtime.description.image)
  const pictures = samples.map(async (sample, i) => ({
    picture: (await seenPicture(sample, square)).png,
    marks: [],
    title: `“${sample.captions[0]}”`,
    lines: [`greedy: ${greedy[i]!.caption}`, `${beams} beams: ${searched[i]!.caption}`],
  }))
  return [{ title: 'Written captions', pictures: await Promise.all(pictures) }]
}

/** Samples evenly spread over a source whose size is known; else its first ones. */
async function spreadOf(source: Source): Promise<Sample[]> {
  const every = Math.max(1, Math.floor((source.size ?? shown) / shown))
  const samples: Sample[] = []
  let place = 0
  for await (const sample of source.samples({ onBad: () => {} })) {
    if (place++ % every === 0) samples.push(sample)
    if (samples.length === shown) break
  }
  return samples
}
