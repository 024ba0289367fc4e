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
  const parts = partsOf(options)
  let read: readonly Sample[] | undefined
  const samples = () => {
    read ??= parts.flatMap(samplesIn)
    return read
  }
  return {
    name: `emoji(${options.split})`,
    spec: { kind: 'emoji', ...options },
    get size() {
      return samples().length
    },
    async *samples({ skip = 0 } = {}) {
      yield* samples().slice(skip)
    },
  }
}

/** The drawings of a style, and the sides of the split that are taken of them. */
interface Part {
  readonly style: string
  readonly drawings: Drawings
  readonly sides: readonly ConceptSide[]
}

const styleNames = Object.keys(trainingStyles) as EmojiStyle[]

function partsOf(options: EmojiOptions): Part[] {
  switch (options.split) {
    case 'train':
      return (options.styles ?? styleNames).map((style) => ({
        ...trainingPart(style),
        sides: style === validationStyle ? ['train'] : ['train', 'validation'],
      }))
    case 'validation':
      return [{ ...trainingPart(validationStyle), sides: ['validation'] }]
    case 'heldOutStyle':
      return [{ style: 'fluent', drawings: fluent(), sides: ['train', 'validation'] }]
    case 'heldOutConcepts':
      return [{ style: 'fluent', drawings: fluent(), sides: ['heldOut'] }]
  }
}

function trainingPart(style: EmojiStyle): Pick<Part, 'style' | 'drawings'> {
  if (Object.hasOwn(trainingStyles, style)) return { style, drawings: trainingStyles[style](allEmojis()) }
  throw new ConfigError(
    'config/unknown-emoji-style',
    `no emoji style for training is called "${style}"${didYouMean(style, styleNames)}`,
    { style, styles: styleNames },
  )
}

/** Samples of a part, each image once. Bytes are read here, and so only of sources that are used. */
function samplesIn({ style, drawings, sides }: Part): Sample[] {
  const seen = new Set<string>()
  const samples: Sample[] = []
  for (const { hexcode, captions, side } of allEmojis()) {
    const drawing = drawings.get(hexcode)
    if (!drawing) continue
    const hash = contentHash(drawing.image)
    if (seen.has(hash)) continue
    seen.add(hash)
    if (!sides.includes(side)) continue
    // Stricter than the split: "man running" is no right answer for the woman.
    samples.push({ id: `${style}/${hexcode}`, ...drawing, captions, testedCaptions: 1, concept: hexcode })
  }
  return samples
}

/** An emoji with what the samples of all styles have in common. */
interface CaptionedEmoji extends Emoji {
  readonly captions: readonly string[]
  readonly side: ConceptSide
}

let emojis: readonly CaptionedEmoji[] | undefined

/** All emoji, read once: a recipe opens several sources, each of several styles. */
function allEmojis(): readonly CaptionedEmoji[] {
  emojis ??= readEmojis().map((emoji) => ({
    ...emoji,
    captions: captionsOf(emoji),
    side: sideOf(emoji.concept),
  }))
  return emojis
}
