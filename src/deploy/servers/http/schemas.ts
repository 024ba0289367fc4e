import { z } from 'zod'

/** Schemas that the OpenAPI document names. */
export const components = z.registry<{ id: string }>()

/** Bytes of an image's file, or the pixels of a camera, in JSON. */
export const picture = z
  .union([
    z.strictObject({ base64: z.base64().min(1).describe('a PNG, JPEG, WebP, GIF or BMP file') }),
    z.strictObject({
      width: z.int().positive().max(20_000),
      height: z.int().positive().max(20_000),
      rgb: z.base64().min(1).describe('rows of red, green and blue bytes'),
    }),
  ])
  .register(components, { id: 'Picture' })

const text = z.string().min(1)
const numbers = z.array(z.number())
const unlearnedWords = z.array(z.string()).describe('words that the model never learned')

/** Bodies of requests. A form has the same keys, in the singular for each of several. */
export const requests = {
  act: z
    .strictObject({
      image: picture,
      command: text,
      labels: z.array(text).min(1).optional().describe('labels that are asked for; default: all'),
    })
    .register(components, { id: 'ActRequest' }),
  actInChunks: z
    .strictObject({
      cameras: z.record(z.string(), picture).default({}).describe('a picture of each camera of the policy'),
      state: z
        .union([numbers, z.record(z.string(), z.number())])
        .optional()
        .describe('state of the robot, in the order of the policy or by the names of its numbers'),
      command: text.optional(),
    })
    .register(components, { id: 'ActInChunksRequest' }),
  caption: z
    .strictObject({
      images: z.array(picture).min(1),
      beams: z
        .int()
        .min(1)
        .max(16)
        .default(1)
        .describe('captions that are followed at once; 1 takes the most probable word each time'),
      length: z
        .int()
        .min(2)
        .optional()
        .describe('largest number of tokens, start and end included; default: that of the model'),
    })
    .register(components, { id: 'CaptionRequest' }),
  embed: z
    .strictObject({ images: z.array(picture).default([]), texts: z.array(text).default([]) })
    .register(components, { id: 'EmbedRequest' }),
  classify: z
    .strictObject({
      images: z.array(picture).min(1),
      labels: z.array(text).min(1),
      template: z
        .string()
        .regex(/\{\}/)
        .default('{}')
        .describe('text around each label, which stands for {}'),
    })
    .register(components, { id: 'ClassifyRequest' }),
  search: z
    .strictObject({
      text: text.optional(),
      image: picture.optional(),
      top: z.int().positive().max(1000).default(10),
    })
    .register(components, { id: 'SearchRequest' }),
} as const

/** Bodies of answers. */
export const answers = {
  act: z
    .object({
      predictions: z.record(z.string(), numbers).describe('values by label'),
      classes: z
        .record(z.string(), z.array(z.object({ name: z.string(), probability: z.number() })))
        .describe('classes of each label that has some, the most probable first'),
      unlearnedWords,
    })
    .register(components, { id: 'ActAnswer' }),
  actInChunks: z
    .object({
      actions: z.array(numbers).describe('rows of numbers, one a step, in the units of the data'),
      names: z
        .array(z.string())
        .describe('names of the numbers of an action; empty where they are not known'),
      unlearnedWords,
    })
    .register(components, { id: 'ActInChunksAnswer' }),
  caption: z
    .object({
      captions: z.array(
        z.object({
          caption: z.string(),
          logProbability: z.number().describe('sum over its words, the end included'),
          ended: z.boolean().describe('false for a caption that was cut at its largest length'),
        }),
      ),
    })
    .register(components, { id: 'CaptionAnswer' }),
  embed: z
    .object({ images: z.array(numbers), texts: z.array(numbers), unlearnedWords })
    .register(components, { id: 'EmbedAnswer' }),
  classify: z
    .object({
      images: z.array(
        z.array(
          z.object({
            label: z.string(),
            probability: z
              .number()
              .describe('softmax over the labels; of SigLIP the sigmoid of each label by itself'),
            similarity: z.number(),
          }),
        ),
      ),
      unlearnedWords,
    })
    .register(components, { id: 'ClassifyAnswer' }),
  search: z
    .object({
      results: z.array(z.object({ file: z.string(), similarity: z.number() })),
      unlearnedWords,
    })
    .register(components, { id: 'SearchAnswer' }),
  model: z
    .object({
      name: z.string(),
      type: z.string(),
      imageSize: z.int(),
      textLength: z.int(),
      tasks: z.array(z.string()),
      labels: z.array(z.object({ label: z.string(), size: z.int() })),
      classNames: z.record(z.string(), z.array(z.string())),
      chunk: z
        .object({
          cameras: z.array(z.string()),
          state: z.array(z.string()).describe('names of the numbers of the state'),
          actions: z.array(z.string()).describe('names of the numbers of an action'),
          steps: z.int(),
          readsCommands: z.boolean(),
        })
        .optional()
        .describe('what a policy that acts in chunks reads and answers'),
    })
    .register(components, { id: 'Model' }),
  error: z
    .object({
      error: z.object({
        code: z.string(),
        message: z.string(),
        facts: z.record(z.string(), z.unknown()),
      }),
    })
    .register(components, { id: 'Error' }),
} as const

export type PictureInput = z.output<typeof picture>

/** Name of a pair of bodies: what is asked, and its answer. */
export type TaskName = keyof typeof requests & keyof typeof answers
