import { z } from 'zod'
import { CheckpointError } from '../core/index.ts'
import type { Fit } from '../data/images/index.ts'
import { white } from '../data/images/index.ts'
import { type ImageProcessing, untouched } from './image-processing.ts'
import { parseFile } from './json-file.ts'

/** Pillow's `resample: 3`: the bicubic kernel, the only one that images are scaled with here. */
const bicubic = 3

/**
 * The content of `preprocessor_config.json`, for Hugging Face's image processors. `fit` and `background` stand under a
 * key of Visuomotor's own: Hugging Face's processors crop to the middle, and under transparency they show the colour of
 * the file.
 */
export function preprocessorConfig({ size, fit, background, mean, std }: ImageProcessing): object {
  const square = { height: size, width: size }
  const resizing =
    fit === 'fill'
      ? { image_processor_type: 'SiglipImageProcessor', size: square, do_center_crop: false }
      : {
          image_processor_type: 'CLIPImageProcessor',
          size: { shortest_edge: size },
          do_center_crop: true,
          crop_size: square,
        }
  return {
    ...resizing,
    do_convert_rgb: true,
    do_resize: true,
    resample: bicubic,
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: mean,
    image_std: std,
    visuomotor: { fit, background },
  }
}

const side = z.number().int().positive()
const square = z
  .object({ height: side, width: side })
  .refine(({ height, width }) => height === width, 'only squares are supported')
  .transform(({ height }) => height)
const color = z.tuple([z.number(), z.number(), z.number()])

const schema = z.object({
  size: z.union([side, z.object({ shortest_edge: side }).transform((size) => size.shortest_edge), square]),
  crop_size: z.union([side, square]).nullish(),
  do_center_crop: z.boolean().nullish(),
  do_resize: z.literal(true).nullish(),
  resample: z.literal(bicubic).nullish(),
  do_rescale: z.literal(true).nullish(),
  rescale_factor: z
    .number()
    .refine((factor) => Math.abs(factor * 255 - 1) < 1e-6, 'must be 1/255')
    .nullish(),
  do_normalize: z.boolean().nullish(),
  image_mean: color.default([...untouched.mean]),
  image_std: color.default([...untouched.std]),
  visuomotor: z.object({ fit: z.enum(['contain', 'cover', 'fill']), background: color }).optional(),
})

/**
 * The processing that a `preprocessor_config.json` describes: of a CLIP model (shorter side to the square, middle
 * cut out) or a SigLIP model (stretched to the square).
 * @throws CheckpointError `bundle/image-processing` naming the file and the unsupported settings.
 */
export function parsePreprocessorConfig(content: unknown, file: string): ImageProcessing {
  const config = parseFile(schema, content, file, 'bundle/image-processing')
  const { size, crop_size, do_center_crop, do_normalize, visuomotor } = config
  if (do_center_crop && crop_size !== size) {
    throw new CheckpointError(
      'bundle/image-processing',
      `${file}: images are scaled to ${size} pixels and then cut to ${crop_size}; only equal sizes are supported`,
      { file, size, cropSize: crop_size },
    )
  }
  const fit: Fit = do_center_crop ? 'cover' : 'fill'
  const { mean, std } =
    do_normalize === false ? untouched : { mean: config.image_mean, std: config.image_std }
  return { size, fit, background: white, mean, std, ...visuomotor }
}
