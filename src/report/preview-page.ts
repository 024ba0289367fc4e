import { type Html, html } from './html.ts'
import { type MarkedPicture, markedPictures, type PictureStrip, pictureStrips } from './marked-pictures.ts'
import { page, type Section } from './page.ts'

/** A sample of a data set: before, during and after its transforms. */
export interface PreviewedSample {
  readonly id: string
  /** A remark about the sample. */
  readonly note: string
  /** File of the sample, with its line if it has one. */
  readonly place: string
  /** Images of each step, under its heading. */
  readonly strips: readonly PictureStrip[]
}

/** Content of {@link previewPage}. */
export interface PreviewContents {
  readonly title: string
  readonly subtitle: string
  /** An explanation of the samples. */
  readonly note: string
  readonly samples: readonly PreviewedSample[]
  readonly mixed: readonly MarkedPicture[]
  /** Messages of samples that were left out. */
  readonly problems: readonly string[]
}

/**
 * One contact sheet of a data set: samples before and after their transforms, boxes, points and grasps drawn over them.
 * @throws DataError `report/unknown-picture` for an image that is not PNG, JPEG or WebP.
 */
export function previewPage({ title, subtitle, note, samples, mixed, problems }: PreviewContents): string {
  const sections: Section[] = [
    { title: 'Samples', note, body: html`${samples.map(sampleOf)}` },
    {
      title: 'Mixed',
      note: 'Pairs of these samples, mixed as training mixes those of a batch; the shares are drawn.',
      body: markedPictures(mixed),
    },
    { title: 'Left out', body: html`<ul>${problems.map((problem) => html`<li>${problem}</li>\n`)}</ul>` },
  ]
  const filled = [samples, mixed, problems].map(({ length }) => length > 0)
  return page({ title, subtitle, sections: sections.filter((_, i) => filled[i]) })
}

const sampleOf = ({ id, note, place, strips }: PreviewedSample): Html => html`<article class="sample">
<h3>${note}</h3>
<p class="note"><code>${id}</code> · ${place}</p>
${pictureStrips(strips)}</article>
`
