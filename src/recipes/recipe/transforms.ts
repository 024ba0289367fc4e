import {
  type ImageTransform,
  imageTransforms,
  type TextTransform,
  textTransformNames,
  textTransforms,
} from '../../data/index.ts'

/** The transforms of a recipe by their target, each list in order. */
export interface SortedTransforms {
  readonly images: readonly ImageTransform[]
  readonly texts: readonly TextTransform[]
}

/**
 * Sort a recipe's one list of transforms into image transforms and text transforms, with defaults filled in.
 * @throws ConfigError of `imageTransforms` and `textTransforms`.
 */
export function sortTransforms(list: readonly { readonly kind: string }[]): SortedTransforms {
  const isText = ({ kind }: { kind: string }) => (textTransformNames as readonly string[]).includes(kind)
  return {
    images: imageTransforms(list.filter((value) => !isText(value))),
    texts: textTransforms(list.filter(isText)),
  }
}
