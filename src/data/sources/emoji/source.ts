import { ConfigError, didYouMean } from '../../../core/index.ts'
import type { Sample } from '../../sample.ts'
import type { Source } from '../../source.ts'
import { captionsOf } from './captions.ts'
import { type Emoji, readEmojis } from './concepts.ts'
import { contentHash, type Drawings } from './drawing.ts'
import { type ConceptSide, type EmojiSplit, sideOf } from './split.ts'
import { type EmojiStyle, fluent, trainingStyles } from './styles.ts'

/** Training style whose drawings of the validation concepts are kept from training. */
const validationStyle: EmojiStyle = 'twitter'

/** Options of `emoji`. Styles can be chosen for training only; the other splits are fixed. */
export type EmojiOptions =
  | { readonly split: 'train'; readonly styles?: readonly EmojiStyle[] }
  | { readonly split: Exclude<EmojiSplit, 'train'> }

/**
 * Real image–text pairs: emoji drawn by several companies, with CLDR's names and keywords as captions.
 *
 * - `train`: the trained concepts, drawn in every training style, or in `styles`.
 * - `validation`: a tenth of the trained concepts in one training style. These drawings are missing from `train`; other
 *   drawings of the same concepts are not. For monitoring and for choices between runs.
 * - `heldOutStyle`: all trained concepts as drawn in Fluent, a style without any training image.
 * - `heldOutConcepts`: the other tenth of all concepts in Fluent. No split for training shows these concepts.
 *
 * The splits go by concept: an emoji with all its genders, hair and directions, one sample each; skin tones are left
 * out. Scoring is stricter: an image matches its own emoji's captions only. Only one of the drawings of one style with
 * the same bytes stays. The splits depend on no seed and no option.
 *
 * @throws ConfigError for an unknown style; DataError when a package of drawings is not installed.
 */
export function emoji(options: EmojiOptions): Source {
  const samples = samplesOf(options)
  return {
    name: `emoji(${options.split})`,
    spec: { kind: 'emoji', ...options },
    size: samples.length,
    async *samples({ skip = 0 } = {}) {
      yield* samples.slice(skip)
    },
  }
}

const styleNames = Object.keys(trainingStyles) as EmojiStyle[]

function samplesOf(options: EmojiOptions): Sample[] {
  const emojis = readEmojis()
  switch (options.split) {
    case 'train':
      return (options.styles ?? styleNames).flatMap((style) => {
        const sides: ConceptSide[] = style === validationStyle ? ['train'] : ['train', 'validation']
        return samplesIn(style, trainingDrawings(style, emojis), emojis, sides)
      })
    case 'validation':
      return samplesIn(validationStyle, trainingDrawings(validationStyle, emojis), emojis, ['validation'])
    case 'heldOutStyle':
      return samplesIn('fluent', fluent(), emojis, ['train', 'validation'])
    case 'heldOutConcepts':
      return samplesIn('fluent', fluent(), emojis, ['heldOut'])
  }
}

function trainingDrawings(style: EmojiStyle, emojis: readonly Emoji[]): Drawings {
  if (Object.hasOwn(trainingStyles, style)) return trainingStyles[style](emojis)
  throw new ConfigError(
    'config/unknown-emoji-style',
    `no emoji style for training is called "${style}"${didYouMean(style, styleNames)}`,
    { style, styles: styleNames },
  )
}

/** Drawings of a style, each image once, of the concepts on the given sides of the split. */
function samplesIn(
  style: string,
  drawings: Drawings,
  emojis: readonly Emoji[],
  sides: readonly ConceptSide[],
): Sample[] {
  const seen = new Set<string>()
  const samples: Sample[] = []
  for (const emoji of emojis) {
    const drawing = drawings.get(emoji.hexcode)
    if (!drawing) continue
    const hash = contentHash(drawing.image)
    if (seen.has(hash)) continue
    seen.add(hash)
    if (!sides.includes(sideOf(emoji.concept))) continue
    const { hexcode } = emoji
    // Stricter than the split: "man running" is no right answer for the woman.
    const captions = captionsOf(emoji)
    samples.push({ id: `${style}/${hexcode}`, ...drawing, captions, testedCaptions: 1, concept: hexcode })
  }
  return samples
}
