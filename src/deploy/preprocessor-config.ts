import { z } from 'zod'
import { CheckpointError } from '../core/index.ts'
import { type Kernel, scaledSide, white } from '../data/images/index.ts'
import type { ImageProcessing } from './image-processing.ts'
import { parseFile } from './json-file.ts'
import { type ProcessorKeys, withDefaultsOfClass } from './processor-classes.ts'

const code = 'bundle/image-processing'

/** Pillow's numbers of the kernels. */
const resampleOf = { lanczos: 1, bilinear: 2, bicubic: 3 } as const satisfies Record<Kernel, number>

const kernelOf: Readonly<Record<number, Kernel>> = { 1: 'lanczos', 2: 'bilinear', 3: 'bicubic' }

/**
 * The content of `preprocessor_config.json`, for Hugging Face's image processors. `fit` and `background` stand under a
 * key of Visuomotor's own: Hugging Face's processors crop to the middle, and under transparency they show the colour of
 * the file.
 */
export function preprocessorConfig(processing: ImageProcessing): object {
  const { size, fit, background, mean, std, kernel = 'bicubic', cropFraction } = processing
  const side = scaledSide({ resolution: size, cropFraction })
  const square = (length: number) => ({ height: length, width: length })
  const resizing =
    fit === 'fill' && side === size
      ? { image_processor_type: 'SiglipImageProcessor', size: square(size), do_center_crop: false }
      : {
          image_processor_type: 'CLIPImageProcessor',
          size: fit === 'fill' ? square(side) : { shortest_edge: side },
          do_center_crop: true,
          crop_size: square(size),
        }
  return {
    ...resizing,
    do_convert_rgb: true,
    do_resize: true,
    resample: resampleOf[kernel],
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: mean,
    image_std: std,
    visuomotor: { fit, background },
  }
}

const side = z.number().int().positive()
const color = z.tuple([z.number(), z.number(), z.number()])

/** A number for each channel, or one for all. */
const statistic = (value: z.ZodNumber) =>
  z.union(
    [z.tuple([value, value, value]), value.transform((x): [number, number, number] => [x, x, x])],
    'must be a number, or one for each of red, green and blue; deviations above 0',
  )

/** Side of a square, in any of the forms that Python reads. */
const square = z
  .union(
    [
      side.transform((both) => [both, both] as const),
      z.tuple([side, side]),
      z
        .strictObject({ height: side, width: side })
        .transform(({ height, width }) => [height, width] as const),
    ],
    'must be a number, [height, width] or { height, width }',
  )
  .refine(([height, width]) => height === width, 'only squares are supported, since the models take squares')
  .transform(([height]) => height)

const flag = z.boolean().nullish() // null is false, as in Python

const schema = z.object({
  size: z.union(
    [
      z.strictObject({ shortest_edge: side }).transform((size) => ({ shortest: size.shortest_edge })),
      square.transform((stretched) => ({ stretched })),
    ],
    {
      error: ({ input }) =>
        `${JSON.stringify(input)} is neither { shortest_edge } nor a square; nothing else is supported`,
    },
  ),
  crop_size: z.unknown().optional(),
  do_center_crop: flag,
  do_resize: z.literal(true, 'must be true, since images of all sizes are taken'),
  do_pad: z.literal(false, 'padding is not supported').nullish(),
  use_square_size: z.literal(false, 'is not supported: write size as { height, width }').nullish(),
  resample: z.literal([1, 2, 3], 'only 1 (Lanczos), 2 (bilinear) and 3 (bicubic) are supported'),
  do_rescale: flag,
  rescale_factor: z.number().positive(),
  do_normalize: flag,
  image_mean: statistic(z.number()),
  image_std: statistic(z.number().positive()),
  visuomotor: z.object({ fit: z.enum(['contain', 'cover', 'fill']), background: color }).optional(),
})

type ProcessorConfig = z.infer<typeof schema>

/**
 * The processing that a `preprocessor_config.json` describes, as the class that it names would do it: keys that are
 * absent have the defaults of the class.
 * @param usual Class of a file that names none.
 * @throws CheckpointError `bundle/image-processing` naming the file and the keys that are not supported.
 */
export function parsePreprocessorConfig(content: unknown, file: string, usual?: string): ImageProcessing {
  const keys = parseFile(z.looseObject({}), content, file, code) as ProcessorKeys
  const config = parseFile(schema, withDefaultsOfClass(keys, usual, file), file, code)
  const { resample, visuomotor } = config
  return {
    ...squareOf(config, file),
    background: white,
    ...statisticsOf(config),
    ...(resample !== resampleOf.bicubic && { kernel: kernelOf[resample] }),
    ...visuomotor,
  }
}

/** The square that comes out. */
function squareOf(
  config: ProcessorConfig,
  file: string,
): Pick<ImageProcessing, 'size' | 'fit' | 'cropFraction'> {
  const { size, do_center_crop, crop_size } = config
  const isStretched = 'stretched' in size
  const scaled = isStretched ? size.stretched : size.shortest
  const fit = isStretched ? 'fill' : 'cover'
  if (!do_center_crop) {
    if (isStretched) return { size: scaled, fit }
    const problem = `do_center_crop is false and size only the shortest edge (${scaled}): images keep their shape, but the models take squares`
    throw unsupported(file, 'do_center_crop', problem)
  }
  const { crop_size: cropped } = parseFile(z.object({ crop_size: square }), { crop_size }, file, code)
  if (cropped > scaled) {
    const problem = `crop_size ${cropped} is larger than size ${scaled}: filling up with black is not supported`
    throw unsupported(file, 'crop_size', problem)
  }
  return { size: cropped, fit, ...(cropped < scaled && { cropFraction: cropped / scaled }) }
}

/**
 * Mean and deviation of colours in [0, 1]: a factor other than 1/255 is taken into both.
 */
function statisticsOf(config: ProcessorConfig): Pick<ImageProcessing, 'mean' | 'std'> {
  const { do_rescale, rescale_factor, do_normalize, image_mean, image_std } = config
  const factor = do_rescale ? rescale_factor * 255 : 255
  const scale = Math.abs(factor - 1) < 1e-6 ? 1 : factor
  const scaled = ([red, green, blue]: readonly [number, number, number]) =>
    [red / scale, green / scale, blue / scale] as const
  return do_normalize
    ? { mean: scaled(image_mean), std: scaled(image_std) }
    : { mean: [0, 0, 0], std: scaled([1, 1, 1]) }
}

const unsupported = (file: string, key: string, problem: string): CheckpointError =>
  new CheckpointError(code, `${file}: ${problem}`, { file, key })
