import { z } from 'zod'
import { ConfigError, excerpt } from '../../core/index.ts'
import { imageNetTemplates } from './image-net-templates.ts'

/** Place of a class's name in a template. */
const slot = '{}'

/**
 * Lists of prompt templates, each with `{}` where the name of a class goes.
 *
 * - `name`: the name alone, for models whose captions are names, as those of emoji are.
 * - `photo`: CLIP's usual one.
 * - `seven`: the seven that Radford et al. found to do as well together as eighty ("a photo" of one domain is a sketch or
 *   a game of another).
 * - `imageNet`: the eighty, see {@link imageNetTemplates}; each is a pass over the names of the classes.
 */
export const promptTemplates = {
  name: ['{}'],
  photo: ['a photo of a {}.'],
  seven: [
    'itap of a {}.',
    'a bad photo of the {}.',
    'a origami {}.',
    'a photo of the large {}.',
    'a {} in a video game.',
    'art of the {}.',
    'a photo of the small {}.',
  ],
  imageNet: imageNetTemplates,
} as const satisfies Readonly<Record<string, readonly string[]>>

/** Name of a list of templates. */
export type PromptTemplates = keyof typeof promptTemplates

const names = Object.keys(promptTemplates) as PromptTemplates[]

/** Schema of the option `templates`: a list by its name, or one's own. Default `photo`. */
export const templatesOption = z.union([z.enum(names), z.array(z.string()).nonempty()]).default('photo')

/**
 * The templates of a list, or one's own.
 * @throws ConfigError `evaluation/templates` for a template without `{}`, whose prompt would be the same for all classes.
 */
export function templatesOf(templates: PromptTemplates | readonly string[]): readonly string[] {
  const list: readonly string[] = typeof templates === 'string' ? promptTemplates[templates] : templates
  const bad = list.find((template) => !template.includes(slot))
  if (bad === undefined) return list
  throw new ConfigError(
    'evaluation/templates',
    `the template "${excerpt(bad)}" has no {} where the name of a class goes: write it like "a photo of a {}."`,
    { template: bad },
  )
}

/** The prompt of a class, its name in every `{}` of a template. */
const promptOf = (template: string, name: string): string => template.replaceAll(slot, () => name)

/**
 * Unit vectors of classes [classes, width] by an ensemble of prompts: the mean of the unit vectors of a class's prompts,
 * normalized (Radford et al. 2021, section 3.1.4).
 * @param embed Function that makes unit vectors [texts, width].
 */
export async function classVectors(
  names: readonly string[],
  templates: readonly string[],
  embed: (texts: readonly string[]) => Promise<Float32Array>,
): Promise<Float32Array> {
  let sums: Float64Array | undefined
  for (const template of templates) {
    const rows = await embed(names.map((name) => promptOf(template, name)))
    sums ??= new Float64Array(rows.length)
    for (const [i, value] of rows.entries()) sums[i]! += value
  }
  return unitRows(sums ?? new Float64Array(), names.length)
}

/** Rows divided by their length; a row of zeros becomes NaN, which is no answer. */
function unitRows(sums: Float64Array, rows: number): Float32Array {
  const width = sums.length / rows
  const result = new Float32Array(sums.length)
  for (let row = 0; row < rows; row++) {
    const values = sums.subarray(row * width, (row + 1) * width)
    const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0))
    for (let k = 0; k < width; k++) result[row * width + k] = values[k]! / length
  }
  return result
}
