import type {
  LabelKinds,
  LabelledPicture,
  MixedPreview,
  Preview,
  PreviewDraw,
  PreviewStep,
  SamplePreview,
  Source,
} from '../data/index.ts'
import {
  formatNumber,
  type MarkedPicture,
  type PreviewContents,
  type PreviewedSample,
} from '../report/index.ts'

/**
 * What the page of a preview shows.
 * @param note Which transforms these are.
 * @param problems Why samples were left out.
 */
export function previewContents(
  source: Pick<Source, 'name' | 'size' | 'labels'>,
  preview: Preview,
  note: string,
  problems: readonly string[],
): PreviewContents {
  const { labels = {} } = source
  const of = source.size === undefined ? '' : ` of ${formatNumber(source.size)}`
  return {
    title: source.name,
    subtitle: `${preview.samples.length} samples${of}, before and after their transforms`,
    note: `${note} The first strip follows one sample through them, each with what it drew for it; the second shows it as the first epochs of training see it.`,
    samples: preview.samples.map((sample) => sampleOf(sample, labels)),
    mixed: preview.mixed.map((mixed) => mixedOf(mixed, labels)),
    problems,
  }
}

function sampleOf(
  { id, origin, captions, original, steps, draws }: SamplePreview,
  kinds: LabelKinds,
): PreviewedSample {
  const place = origin.line === undefined ? origin.file : `${origin.file}:${origin.line}`
  const size = `${original.width} × ${original.height}`
  return {
    id,
    note: captions.map(quoted).join(' '),
    place,
    strips: [
      {
        title: 'Step by step',
        pictures: [marked(original, kinds, 'original', [size]), ...steps.map((step) => stepOf(step, kinds))],
      },
      { title: 'As training sees it', pictures: draws.map((draw, epoch) => drawOf(draw, epoch, kinds)) },
    ],
  }
}

function stepOf(step: PreviewStep, kinds: LabelKinds): MarkedPicture {
  const drawn = Object.entries(step.drawn ?? {}).map(([name, value]) => `${name} ${shortened(value)}`)
  return marked(step, kinds, step.transform, step.drawn === undefined ? ['left as it was'] : drawn)
}

function drawOf(draw: PreviewDraw, epoch: number, kinds: LabelKinds): MarkedPicture {
  const changed = draw.caption === draw.chosen ? [] : [`from ${quoted(draw.chosen)}`]
  const shown = marked(draw, kinds, `epoch ${epoch}`, [quoted(draw.caption), ...changed])
  const views = Object.values(draw.views).flat()
  return views.length > 0 ? { ...shown, views } : shown
}

function mixedOf(
  { method, png, id, partner, share, captions, labels }: MixedPreview,
  kinds: LabelKinds,
): MarkedPicture {
  const shares = [share, 1 - share].map((part) => formatNumber(part, 2))
  const parts = [id, partner].map((name, i) => `${shares[i]} of ${name}, ${quoted(captions[i]!)}`)
  return marked({ png, labels }, kinds, method, parts)
}

/** Boxes and points are drawn over the picture, numbers stand beneath it. */
function marked(
  { png, labels }: LabelledPicture,
  kinds: LabelKinds,
  title: string,
  lines: string[],
): MarkedPicture {
  const isDrawn = (name: string) => ['box', 'point'].includes(kinds[name]!.kind)
  const entries = Object.entries(labels)
  const numbers = entries.filter(([name]) => !isDrawn(name))
  return {
    picture: png,
    marks: entries.filter(([name]) => isDrawn(name)).map(([name, place]) => ({ name, place })),
    title,
    lines: [...lines, ...numbers.map(([name, values]) => `${name} ${values.map(shortened).join(' ')}`)],
  }
}

const quoted = (text: string): string => `“${text}”`

const shortened = (value: number | string): string =>
  typeof value === 'number' ? formatNumber(Number(value.toPrecision(3))) : value
