import { DataError, splitRows } from '../../core/index.ts'
import { type Drawn, type ImageTransform, viewArrays } from '../augment/index.ts'
import { moveLabels } from '../augment/move-labels.ts'
import { pictureOf, settle } from '../augment/picture.ts'
import { type AugmentedRow, augmentSample } from '../augment-sample.ts'
import { decodeImage, type Pixels } from '../images/index.ts'
import { type Labels, labelProblem } from '../label-rows.ts'
import { type LoaderOptions, prepareSpec } from '../loader-options.ts'
import { type MixMethod, mixMethods } from '../mix/index.ts'
import type { PrepareSpec } from '../prepare.ts'
import type { Sample, SampleCamera } from '../sample.ts'
import { displayed, originalOf, pngOf } from './pictures.ts'
import { type MixedPreview, previewMixing } from './preview-mixing.ts'
import { spreadSamples } from './spread-samples.ts'

/** Options of a preview of a data set and of its use in training. */
export interface PreviewOptions
  extends Pick<
    LoaderOptions,
    'source' | 'seed' | 'resolution' | 'fit' | 'background' | 'augment' | 'augmentTexts' | 'firstCaption'
  > {
  readonly mix?: readonly MixMethod[]
  /** Count of samples, evenly from the whole source where its size is known, else its first; default 12. */
  readonly samples?: number
  /** Epochs for which each sample is shown; default 4. */
  readonly draws?: number
}

/** A PNG, and the labels that hold for it. */
export interface LabelledPicture {
  readonly png: Uint8Array
  readonly labels: Labels
}

/** A transform with its draws, and the image after it. */
export interface PreviewStep extends LabelledPicture {
  readonly transform: string
  /** Random values of the transform; undefined where the sample was left as it was. */
  readonly drawn: Drawn | undefined
}

/** A sample in one epoch. */
export interface PreviewDraw extends LabelledPicture {
  /** Caption that was drawn, and the text for training. */
  readonly chosen: string
  readonly caption: string
  /** Further views, by the names of their arrays. */
  readonly views: Readonly<Record<string, readonly Uint8Array[]>>
}

/** One sample before, during and after its transforms. */
export interface SamplePreview {
  readonly id: string
  readonly origin: Sample['origin']
  readonly captions: readonly string[]
  readonly original: LabelledPicture & {
    readonly width: number
    readonly height: number
    readonly camera?: SampleCamera
  }
  /** Steps of the first draw. */
  readonly steps: readonly PreviewStep[]
  readonly draws: readonly PreviewDraw[]
}

export interface Preview {
  readonly samples: readonly SamplePreview[]
  readonly mixed: readonly MixedPreview[]
  /** Errors of the samples that cannot be used. */
  readonly bad: readonly DataError[]
}

/**
 * Preview samples as they are and as they are in the first epochs of training: the same bits, drawn by the same seeds.
 * @throws ConfigError as `loader`.
 */
export async function previewSource(options: PreviewOptions): Promise<Preview> {
  const { source, samples: count = 12, draws = 4 } = options
  const spec = prepareSpec({ ...options, batchSize: 1, cacheBytes: 0 })
  const bad: DataError[] = []
  const samples: SamplePreview[] = []
  const rows: AugmentedRow[] = []
  for await (const sample of spreadSamples(source, count, (error) => bad.push(error))) {
    const result = await previewSample(sample, spec, draws)
    if (result instanceof DataError) bad.push(result)
    else {
      samples.push(result.preview)
      rows.push(result.first)
    }
  }
  const mixed = await previewMixing(samples, rows, spec, mixMethods(options.mix ?? []))
  return { samples, mixed, bad }
}

async function previewSample(
  sample: Sample,
  spec: PrepareSpec,
  draws: number,
): Promise<{ preview: SamplePreview; first: AugmentedRow } | DataError> {
  const problem = labelProblem(sample, spec.labels)
  if (problem) return problem
  let pixels: Pixels
  try {
    pixels = await decodeImage(sample, spec.square)
  } catch (error) {
    return error as DataError // decodeImage throws nothing else
  }
  const steps: (Omit<PreviewStep, 'png'> & { colors: Float32Array })[] = []
  const rows = Array.from({ length: draws }, (_, epoch) =>
    augmentSample({ ...sample, epoch }, { pixels, eyes: {} }, spec, (transform, { picture, drawn }) => {
      if (epoch > 0 || transform.kind === 'normalize') return
      const labels = moveLabels(sample.labels ?? {}, spec.labels, pixels, picture)
      steps.push({ transform: transform.kind, drawn, labels, colors: settle(picture).colors.slice() })
    }),
  )
  const { id, origin, captions, labels = {} } = sample
  const preview: SamplePreview = {
    id,
    origin,
    captions,
    original: { ...(await originalOf(sample)), labels, ...(sample.camera && { camera: sample.camera }) },
    steps: await Promise.all(
      [decodedStep(sample, pixels, spec), ...steps].map(async ({ colors, ...step }) => ({
        ...step,
        png: await pngOf(colors),
      })),
    ),
    draws: await Promise.all(rows.map((row) => drawOf(row, spec.transforms))),
  }
  return { preview, first: rows[0]! }
}

/** The square that the transforms begin with. */
function decodedStep({ labels = {} }: Sample, pixels: Pixels, spec: PrepareSpec) {
  const picture = pictureOf(pixels, spec.background)
  return {
    transform: 'decoded',
    drawn: { size: pixels.width, fit: spec.square.fit },
    labels: moveLabels(labels, spec.labels, pixels, picture),
    colors: settle(picture).colors,
  }
}

async function drawOf(
  { colors, labels, caption, chosen, views }: AugmentedRow,
  transforms: readonly ImageTransform[],
): Promise<PreviewDraw> {
  const further = await Promise.all(
    viewArrays(transforms).map(async ({ name, count }) => {
      const planes = splitRows(views[name]!, count)
      return [name, await Promise.all(planes.map((plane) => pngOf(displayed(plane, transforms))))] as const
    }),
  )
  return {
    png: await pngOf(displayed(colors, transforms)),
    labels,
    caption,
    chosen,
    views: Object.fromEntries(further),
  }
}
