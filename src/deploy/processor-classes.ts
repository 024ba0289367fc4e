import { CheckpointError } from '../core/index.ts'

/** Content of a `preprocessor_config.json` with all keys that decide what an image becomes. */
export type ProcessorKeys = Readonly<Record<string, unknown>>

const square = (side: number) => ({ height: side, width: side })
const ofClip = {
  image_mean: [0.48145466, 0.4578275, 0.40821073],
  image_std: [0.26862954, 0.26130258, 0.27577711],
}
const halves = { image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] }
const common = {
  do_resize: true,
  do_center_crop: false,
  do_rescale: true,
  rescale_factor: 1 / 255,
  do_normalize: true,
  resample: 3,
}
const clip = {
  ...common,
  ...ofClip,
  size: { shortest_edge: 224 },
  do_center_crop: true,
  crop_size: square(224),
}

/** Processor classes of Hugging Face's, which are known here. */
interface ProcessorClass {
  /** Values of the keys that a file leaves out. */
  readonly defaults: ProcessorKeys
  /** Meaning of a `size` that is one number: both sides, or the shorter one. */
  readonly numberIs: 'square' | 'shortest_edge'
}

const classes: Readonly<Record<string, ProcessorClass>> = {
  CLIPImageProcessor: { defaults: clip, numberIs: 'shortest_edge' },
  BitImageProcessor: { defaults: clip, numberIs: 'shortest_edge' },
  SiglipImageProcessor: { defaults: { ...common, ...halves, size: square(224) }, numberIs: 'shortest_edge' },
  ViTImageProcessor: {
    defaults: { ...common, ...halves, size: square(224), resample: 2 },
    numberIs: 'square',
  },
  DeiTImageProcessor: {
    defaults: { ...common, ...halves, size: square(256), do_center_crop: true, crop_size: square(224) },
    numberIs: 'square',
  },
  BlipImageProcessor: { defaults: { ...common, ...ofClip, size: square(384) }, numberIs: 'square' },
}

/**
 * The content of a `preprocessor_config.json` with the defaults of the class that it names, or of `usual` where it names
 * none. A `size` that is one number is written out as its class means it.
 * @throws CheckpointError `bundle/image-processing` for another class, or none.
 */
export function withDefaultsOfClass(
  content: ProcessorKeys,
  usual: string | undefined,
  file: string,
): ProcessorKeys {
  const named = content.image_processor_type ?? content.feature_extractor_type ?? usual
  const name = String(named)
    .replace('FeatureExtractor', 'ImageProcessor')
    .replace(/(Fast|Pil)$/, '')
  const known = Object.hasOwn(classes, name) ? classes[name] : undefined
  if (!known) {
    const list = Object.keys(classes).join(', ')
    const problem =
      named === undefined
        ? 'image_processor_type is missing, so that the defaults of the other keys are unknown'
        : `image_processor_type ${JSON.stringify(named)} is none of ${list}`
    throw new CheckpointError('bundle/image-processing', `${file}: ${problem}. Name one of ${list}`, {
      file,
      class: named,
    })
  }
  const { size = known.defaults.size } = content
  const written = typeof size !== 'number' || known.numberIs === 'square' ? size : { shortest_edge: size }
  return { ...known.defaults, ...content, size: written }
}
