import { z } from 'zod'
import { ConfigError } from '../core/index.ts'
import type { ChannelStatistics, Eye } from './augment/index.ts'
import type { DecodeOptions, Fit } from './images/index.ts'
import type { TextSpecs } from './text-rows.ts'

/** View of the image of a sample for a further model. */
export interface ImageEye extends ChannelStatistics {
  /** Side of the square that goes out, in pixels. */
  readonly resolution: number
  /** Fit of an image to the square; default as for `pixelValues`. */
  readonly fit?: Fit
}

/** Output for an eye, with the square it is decoded to unless it shares the main one. */
export interface PlannedEye extends Eye {
  readonly square?: DecodeOptions
}

const channels = (value: z.ZodType<number>) => z.tuple([value, value, value])

const imageEye = z.strictObject({
  resolution: z.int().min(1).max(4096),
  mean: channels(z.number()),
  std: channels(z.number().positive()),
  fit: z.enum(['cover', 'contain', 'fill']).optional(),
})

/**
 * Eyes of a loader. Resolutions of decoding have the same ratio as the output squares, so that a larger eye sees detail
 * of its own after any crop.
 *
 * @param main Square of decoding of the main image, and the side of its output.
 * @throws ConfigError `data/eye-name` for a name that is not `<eye>.pixelValues`, `data/eye` for a wrong eye.
 */
export function plannedEyes(
  images: Readonly<Record<string, ImageEye>>,
  main: DecodeOptions & { readonly size: number },
): Record<string, PlannedEye> {
  return Object.fromEntries(
    Object.entries(images).map(([name, eye]) => {
      requireName('images', name, /^[\w-]+\.pixelValues$/, '<eye>.pixelValues')
      const result = imageEye.safeParse(eye)
      if (!result.success) throw wrongEye('images', name, result.error.issues[0]!)
      const { resolution: size, mean, std, fit = main.fit } = result.data
      const { cropFraction, kernel } = main
      const square = {
        resolution: Math.round((main.resolution * size) / main.size),
        fit,
        cropFraction,
        kernel,
      }
      const isShared = square.resolution === main.resolution && fit === main.fit
      return [name, { size, mean, std, ...(!isShared && { square }) }]
    }),
  )
}

const textSpec = z.strictObject({
  tokenizer: z.object({ json: z.looseObject({}), config: z.looseObject({}) }),
  length: z.int().positive(),
})

/**
 * The texts of a loader as plain data: a tokenizer may be a `Tokenizer`.
 * @throws ConfigError `data/eye-name` for a name that is neither `inputIds` nor `<eye>.inputIds`, `data/eye` for a
 * missing tokenizer or an invalid length.
 */
export function plainTexts(texts: TextSpecs): TextSpecs {
  return Object.fromEntries(
    Object.entries(texts).map(([name, { tokenizer, length, ...rest }]) => {
      requireName('texts', name, /^(?:[\w-]+\.)?inputIds$/, 'inputIds or <eye>.inputIds')
      const plain = {
        tokenizer: tokenizer && { json: tokenizer.json, config: tokenizer.config },
        length,
        ...rest,
      }
      const result = textSpec.safeParse(plain)
      if (!result.success) throw wrongEye('texts', name, result.error.issues[0]!)
      return [name, plain]
    }),
  )
}

function requireName(option: string, name: string, pattern: RegExp, form: string): void {
  if (pattern.test(name)) return
  const message = `${option} has "${name}", but its arrays are called ${form}`
  throw new ConfigError('data/eye-name', message, { option, name })
}

function wrongEye(option: string, name: string, { path, message }: z.core.$ZodIssue): ConfigError {
  const place = [`${option}["${name}"]`, ...path].join('.')
  return new ConfigError('data/eye', `${place}: ${message}`, { option, name })
}
