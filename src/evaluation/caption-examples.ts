import { type Sample, type Source, seenPicture, spreadSamples } from '../data/index.ts'
import { type CaptionRuntime, imageOptionsOf } from '../deploy/index.ts'
import type { PictureStrip } from '../report/index.ts'

/** Number of images that are captioned, and of texts that the search follows. */
const shown = 8
const beams = 4

/** Captions that a model writes of some images of a data set, greedily and by beam search, beside the right ones. */
export async function captionExamples(runtime: CaptionRuntime, source: Source): Promise<PictureStrip[]> {
  const samples: Sample[] = []
  for await (const sample of spreadSamples(source, shown)) samples.push(sample)
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
