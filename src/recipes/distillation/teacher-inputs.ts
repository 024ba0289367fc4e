import type { ImageEye, TextSpec } from '../../data/index.ts'
import { imageProcessingOf } from '../../deploy/index.ts'
import type { Registry } from '../recipe/registry.ts'
import type { Recipe } from '../recipe/schema.ts'
import { sortTransforms } from '../recipe/transforms.ts'
import { imageSettings, type TextSettings } from '../run/batches.ts'
import type { Teacher } from './teacher.ts'

/** Names of the arrays of a batch that a teacher reads, and what is known of them. */
export interface TeacherInputs {
  readonly images: string
  readonly texts: string
  /** True where no transform changes texts, so that the same come again. */
  readonly textsRepeat: boolean
}

/** Inputs of the teachers of a run. */
export interface InputsOfTeachers {
  /** Images and texts that the loader makes for them, beside those of the student. */
  readonly loader: {
    readonly images: Readonly<Record<string, ImageEye>>
    readonly texts: Readonly<Record<string, TextSpec>>
  }
  /** The arrays of each teacher, in their order. */
  readonly inputs: readonly TeacherInputs[]
  /** Sentences for people about teachers that see images in another way than they learned. */
  readonly notes: readonly string[]
}

/**
 * The inputs of teachers: the picture and the words that the student gets, after the same augmentation, at the resolution
 * and with the normalization and the tokenizer of each teacher. What the student's own arrays hold already is not made
 * twice.
 */
export function inputsOfTeachers(
  teachers: readonly Teacher[],
  recipe: Recipe,
  text: TextSettings,
  registry: Registry,
): InputsOfTeachers {
  const own = imageProcessingOf(imageSettings(recipe, registry))
  const textsRepeat = sortTransforms(recipe.augment).texts.length === 0
  const planned = teachers.map(({ name, description: { image, tokenizer, model } }) => {
    const { size: resolution, mean, std } = image
    const { length } = model.inputs.text
    const sameImages = isSame([own.size, own.mean, own.std], [resolution, mean, std])
    const sameTexts = text.length === length && isSame(text.tokenizer.json, tokenizer.json)
    return {
      images: sameImages ? undefined : ([`${name}.pixelValues`, { resolution, mean, std }] as const),
      texts: sameTexts ? undefined : ([`${name}.inputIds`, { tokenizer, length }] as const),
    }
  })
  return {
    loader: {
      images: Object.fromEntries(planned.flatMap(({ images }) => (images ? [images] : []))),
      texts: Object.fromEntries(planned.flatMap(({ texts }) => (texts ? [texts] : []))),
    },
    inputs: planned.map(({ images, texts }) => ({
      images: images?.[0] ?? 'pixelValues',
      texts: texts?.[0] ?? 'inputIds',
      textsRepeat,
    })),
    notes: teachers.flatMap((teacher) => noteOf(teacher, own)),
  }
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

/** Keys of the processing that teacher and student share, so that both see the same part of the picture. */
const shared = { fit: 'cover', cropFraction: 1, kernel: 'bicubic', background: [1, 1, 1] } as const

function noteOf(
  { directory, description: { image } }: Teacher,
  own: Teacher['description']['image'],
): string[] {
  const differing = (Object.keys(shared) as (keyof typeof shared)[]).flatMap((key) => {
    const [its, ours] = [image[key] ?? shared[key], own[key] ?? shared[key]].map((value) =>
      JSON.stringify(value),
    )
    return its === ours ? [] : [`${key} ${ours} and not ${its}`]
  })
  if (differing.length === 0) return []
  return [`teacher ${directory} sees the student's pictures, with ${differing.join(', ')}`]
}
