import {
  type LabelKind,
  type LabelledPicture,
  type MixedPreview,
  type Preview,
  type PreviewDraw,
  type PreviewStep,
  projectPoint,
  projectPose,
  type SamplePreview,
  type Source,
} from '../data/index.ts'
import {
  formatNumber,
  type Mark,
  type MarkedPicture,
  type PreviewContents,
  type PreviewedSample,
} from '../report/index.ts'

/** Kind of a label, and the names of its classes. */
type Meaning = LabelKind & { readonly names: readonly string[] | undefined }
type Meanings = Readonly<Record<string, Meaning>>

/**
 * Content of the page of a preview.
 * @param note Description of the transforms.
 * @param problems Reasons why samples were left out.
 */
export function previewContents(
  source: Pick<Source, 'name' | 'size' | 'labels' | 'classNames'>,
  preview: Preview,
  note: string,
  problems: readonly string[],
): PreviewContents {
  const { labels = {}, classNames = {} } = source
  const meanings: Meanings = Object.fromEntries(
    Object.entries(labels).map(([name, kind]) => [name, { ...kind, names: classNames[name] }]),
  )
  const of = source.size === undefined ? '' : ` of ${formatNumber(source.size)}`
  return {
    title: source.name,
    subtitle: `${preview.samples.length} samples${of}, before and after their transforms`,
    note: `${note} The first strip follows one sample through them, each with what it drew for it; the second shows it as the first epochs of training see it.`,
    samples: preview.samples.map((sample) => sampleOf(sample, meanings)),
    mixed: preview.mixed.map((mixed) => mixedOf(mixed, meanings)),
    problems,
  }
}

function sampleOf(
  { id, origin, captions, original, steps, draws }: SamplePreview,
  meanings: Meanings,
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
        pictures: [
          withPlaces(marked(original, meanings, 'original', [size]), original, meanings),
          ...steps.map((step, i) => stepOf(step, steps[i - 1] ?? original, meanings)),
        ],
      },
      { title: 'As training sees it', pictures: draws.map((draw, epoch) => drawOf(draw, epoch, meanings)) },
    ],
  }
}

/** A step's image with the poses and positions drawn in as the camera saw them, where the camera is known. */
function withPlaces(
  picture: MarkedPicture,
  { labels, camera, width, height }: SamplePreview['original'],
  meanings: Meanings,
): MarkedPicture {
  if (camera === undefined) return picture
  const aspect = width / height
  const places = Object.entries(labels).flatMap(([name, place]): Mark[] => {
    const kind = meanings[name]?.kind
    const lines = kind === 'pose' ? projectPose(camera, place, aspect) : undefined
    if (lines) return [{ name, place, lines }]
    const point = kind === 'position' ? projectPoint(camera, place, aspect) : undefined
    return point?.every((part) => part >= 0 && part <= 1) ? [{ name, place: point }] : []
  })
  return { ...picture, marks: [...picture.marks, ...places] }
}

/** A step with the values that it changed, and with all drawings. */
function stepOf(step: PreviewStep, before: LabelledPicture, meanings: Meanings): MarkedPicture {
  const drawn = Object.entries(step.drawn ?? {}).map(([name, value]) => `${name} ${shortened(value)}`)
  const changed = Object.entries(step.labels).filter(
    ([name, values]) => isDrawn(meanings[name]) || `${values}` !== `${before.labels[name]}`,
  )
  const lost = Object.keys(before.labels).filter((name) => step.labels[name] === undefined)
  const lines = [
    ...(step.drawn === undefined ? ['left as it was'] : drawn),
    ...lost.map((name) => `${name} is out of the picture`),
  ]
  return marked({ png: step.png, labels: Object.fromEntries(changed) }, meanings, step.transform, lines)
}

function drawOf(draw: PreviewDraw, epoch: number, meanings: Meanings): MarkedPicture {
  const changed = draw.caption === draw.chosen ? [] : [`from ${quoted(draw.chosen)}`]
  const shown = marked(draw, meanings, `epoch ${epoch}`, [quoted(draw.caption), ...changed])
  const views = Object.values(draw.views).flat()
  return views.length > 0 ? { ...shown, views } : shown
}

function mixedOf(
  { method, png, id, partner, share, captions, labels }: MixedPreview,
  meanings: Meanings,
): MarkedPicture {
  const shares = [share, 1 - share].map((part) => formatNumber(part, 2))
  const parts = [id, partner].map((name, i) => `${shares[i]} of ${name}, ${quoted(captions[i]!)}`)
  return marked({ png, labels }, meanings, method, parts)
}

/** An image with its labels: boxes and points are drawn over the image, values stand beneath it. */
function marked(
  { png, labels }: LabelledPicture,
  meanings: Meanings,
  title: string,
  lines: string[],
): MarkedPicture {
  const entries = Object.entries(labels)
  const numbers = entries.filter(([name]) => !isDrawn(meanings[name]))
  return {
    picture: png,
    marks: entries.filter(([name]) => isDrawn(meanings[name])).map(([name, place]) => ({ name, place })),
    title,
    lines: [...lines, ...numbers.map(([name, values]) => `${name} ${numbersOf(values, meanings[name])}`)],
  }
}

const isDrawn = (meaning: Meaning | undefined): boolean =>
  meaning?.kind === 'box' || meaning?.kind === 'point'

/** Values with their names and units, which stay in one line. */
function numbersOf(values: readonly number[], meaning: Meaning | undefined): string {
  const [x, y, z, ...turn] = values.map((value) => formatNumber(value, 3))
  const place = `x\u00a0${x}, y\u00a0${y}, z\u00a0${z}\u00a0m`
  if (meaning?.kind === 'position') return place
  if (meaning?.kind === 'pose') return `${place}, turned ${turn.join(', ')}\u00a0rad`
  if (meaning?.kind === 'joints') return `${values.map((value) => formatNumber(value, 3)).join(', ')} rad`
  if (meaning?.names && values.length === 1) return meaning.names[values[0]!] ?? String(values[0])
  return values.map(shortened).join(' ')
}

const quoted = (text: string): string => `“${text}”`

const shortened = (value: number | string): string =>
  typeof value === 'number' ? formatNumber(Number(value.toPrecision(3))) : value
