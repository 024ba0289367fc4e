import type { Random } from '../../core/index.ts'
import { checkedParameters, unknownTransform } from '../transform-parameters.ts'
import { type Paraphrase, paraphraseKind } from './paraphrase.ts'
import { type Synonyms, synonymsKind } from './synonyms.ts'
import type { TextTransformKind } from './text-transform.ts'
import { type Typos, typosKind } from './typos.ts'

/** One text transform with its parameters: plain data, for worker threads and `recipe.json`. */
export type TextTransform = Synonyms | Paraphrase | Typos

type Kinds = { readonly [T in TextTransform as T['kind']]: TextTransformKind<T> }

const kinds: Kinds = { synonyms: synonymsKind, paraphrase: paraphraseKind, typos: typosKind }

/** Names of the text transforms, to distinguish them from image transforms in one list. */
export const textTransformNames = Object.keys(kinds) as readonly TextTransform['kind'][]

/** The kind of a transform; its type follows from the table above, which TypeScript cannot see by itself. */
function kindOf<T extends TextTransform>(transform: T): TextTransformKind<T> {
  const { kind } = transform
  if (Object.hasOwn(kinds, kind)) return kinds[kind] as unknown as TextTransformKind<T>
  throw unknownTransform(transform, 'text transform', textTransformNames)
}

/**
 * A list of text transforms from untrusted data, as in a recipe: names, keys and ranges are checked, defaults
 * filled in.
 * @throws ConfigError `augment/unknown` or `augment/parameters`, with the nearest name.
 */
export const textTransforms = (list: readonly { readonly kind: string }[]): TextTransform[] =>
  list.map((value) => checkedParameters(kindOf(value as TextTransform).schema, value))

/**
 * Carry out `transforms` in their order. The same text, list and seed give the same result.
 * @throws ConfigError `augment/unknown` for an unknown transform.
 */
export const augmentText = (text: string, transforms: readonly TextTransform[], random: Random): string =>
  transforms.reduce((result, transform) => kindOf(transform).apply(result, transform, random), text)

/** Words that `transforms` may put into texts of known words: those of synonyms and templates. */
export const wordsOfTransforms = (
  transforms: readonly TextTransform[],
  isKnown: (word: string) => boolean,
): string[] => transforms.flatMap((transform) => kindOf(transform).words?.(transform, isKnown) ?? [])
