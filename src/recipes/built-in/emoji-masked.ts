import { vlm } from '../../models/index.ts'
import { masked } from '../objectives/masked.ts'
import type { RecipeInput } from '../recipe/schema.ts'
import { emoji } from './emoji.ts'

/**
 * Masked patches and words of emoji, from scratch, by a small model. Keywords are read as well as names, so that a word
 * is met with more than one drawing and can be told of concepts that were never seen.
 */
export const emojiMasked = (): RecipeInput => ({
  ...emoji(),
  name: 'emoji-masked',
  validation: { data: { kind: 'emoji', split: 'validation' }, everyEpochs: 2 },
  texts: { firstCaption: 0.5, vocabularySize: 2000 },
  model: vlm({
    image: { size: 32, patch: 8, width: 192, depth: 2, heads: 6 },
    text: { length: 24, width: 128, depth: 1, heads: 4 },
    projection: 128,
    masked: { width: 128, depth: 2, heads: 4 },
  }),
  objective: masked(),
  batches: { size: 256 },
  epochs: 12,
  checkpoints: { everyEpochs: 2 },
})
