import { adamW, cosine } from '../../optim/index.ts'
import { contrastive } from '../objectives/contrastive.ts'
import type { RecipeDraft } from '../recipe/schema.ts'

/**
 * A pretrained CLIP or SigLIP on data of one's own. Model, tokenizer and the preparation of images are those of the
 * `base`, which `--set` names with the `data`.
 *
 * The choices keep what the base has learned: a small rate, and crops that cut off next to nothing, without flips, since
 * captions say left and right. The betas and epsilon are those that CLIP's vision transformers were trained with.
 */
export const finetune = (): RecipeDraft => ({
  name: 'finetune',
  // Its size is the base's.
  augment: [{ kind: 'randomResizedCrop', scale: [0.9, 1] }],
  objective: contrastive(),
  optimizer: adamW({ learningRate: 1e-5, beta2: 0.98, epsilon: 1e-6, weightDecay: 0.1 }),
  schedule: cosine({ warmupEpochs: 1 }),
  batches: { size: 32 },
  epochs: 5,
  seed: 7,
})
