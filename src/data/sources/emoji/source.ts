import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ConfigError, nearestName } from '../../../core/index.ts'
import type { EncodedImage, Sample } from '../../sample.ts'
import type { Source } from '../../source.ts'
import { captionsOf } from './captions.ts'
import { type Emoji, readEmojis } from './concepts.ts'
import { type EmojiSplit, sideOf } from './split.ts'
import { type Drawings, type EmojiStyle, testStyle, trainingStyles } from './styles.ts'

/** The training style whose drawings of some concepts are kept for validation. */
const validationStyle: EmojiStyle = 'twitter'

/** Options of `emoji`. */
export interface EmojiOptions {
  readonly split: EmojiSplit
  /** Styles to train on (split `train` only). Default: all training styles. */
  readonly styles?: readonly EmojiStyle[]
}

/**
 * Real image–text pairs: emoji drawn by several companies, with CLDR's names and keywords as captions.
 *
 * - `train`: drawings in the training styles of the trained concepts.
 * - `validation`: for a tenth of the trained concepts, their drawings in one training style; these drawings
 *   (not their concepts) are missing from `train`. For monitoring and choices made while training.
 * - `heldOutStyle`: Fluent drawings of all trained concepts. Nobody trains on Fluent.
 * - `heldOutConcepts`: Fluent drawings of the tenth of the concepts that `train` and `validation` never show.
 *
 * A concept is one emoji with all its genders, hair and directions; skin tones are left out. Of drawings
 * with the same bytes in one style only one stays. The split is fixed: it depends on no seed.
 *
 * @throws ConfigError for an unknown style; DataError when a package of drawings is not installed.
 */
export function emoji({ split, styles }: EmojiOptions): Source {
  const samples = samplesOf(split, styles ?? allTrainingStyles)
  return {
    name: `emoji(${split})`,
    size: samples.length,
    async *samples({ skip = 0 } = {}) {
      yield* samples.slice(skip)
    },
  }
}

const allTrainingStyles = Object.keys(trainingStyles) as EmojiStyle[]

function samplesOf(split: EmojiSplit, styles: readonly EmojiStyle[]): Sample[] {
  switch (split) {
    case 'train':
      return styles.flatMap((style) =>
        read(style, readerOf(style), ({ concept }) => {
          const side = sideOf(concept)
          return side === 'train' || (side === 'validation' && style !== validationStyle)
        }),
      )
    case 'validation':
      return read(
        validationStyle,
        readerOf(validationStyle),
        ({ concept }) => sideOf(concept) === 'validation',
      )
    case 'heldOutStyle':
      return read('fluent', testStyle.fluent, ({ concept }) => sideOf(concept) !== 'heldOut')
    case 'heldOutConcepts':
      return read('fluent', testStyle.fluent, ({ concept }) => sideOf(concept) === 'heldOut')
  }
}

function readerOf(style: EmojiStyle): () => Drawings {
  const reader = trainingStyles[style]
  if (reader) return reader
  const nearest = nearestName(style, allTrainingStyles)
  throw new ConfigError(
    'config/unknown-style',
    `there is no emoji style "${style}" to train on${nearest ? `; did you mean "${nearest}"?` : ''} The styles are ${allTrainingStyles.join(', ')}`,
    { style, styles: allTrainingStyles },
  )
}

/** The drawings of a style that `wanted` lets through, each picture once. */
function read(style: string, drawingsOf: () => Drawings, wanted: (emoji: Emoji) => boolean): Sample[] {
  const drawings = drawingsOf()
  const seen = new Set<string>()
  const samples: Sample[] = []
  for (const emoji of readEmojis()) {
    const drawing = drawings.get(emoji.hexcode)
    if (!drawing) continue
    const hash = contentHash(drawing.image)
    if (seen.has(hash)) continue
    seen.add(hash)
    if (!wanted(emoji)) continue
    const { hexcode, concept } = emoji
    samples.push({ id: `${style}/${hexcode}`, ...drawing, captions: captionsOf(emoji), concept })
  }
  return samples
}

/** A hash of an encoded image's bytes: equal for equal files. */
export function contentHash(image: EncodedImage): string {
  const bytes = 'file' in image ? readFileSync(image.file) : image.bytes
  return createHash('sha256').update(bytes).digest('base64')
}
