import { colorJitter, normalize, randomAffine } from '../../data/index.ts'
import { vlm } from '../../models/index.ts'
import { cosine, muon } from '../../optim/index.ts'
import { masked } from '../objectives/masked.ts'
import type { RecipeInput } from '../recipe/schema.ts'

/**
 * Masked patches and words of emoji, from scratch, by a small model. Keywords are read as well as names, so that a word
 * is met with more than one drawing and can be told of concepts that were never seen.
 */
export const emojiMasked = (): RecipeInput => ({
  name: 'emoji-masked',
  data: { kind: 'emoji', split: 'train' },
  validation: { data: { kind: 'emoji', split: 'validation' }, everyEpochs: 2 },
  tests: {
    heldOutStyle: { kind: 'emoji', split: 'heldOutStyle' },
    heldOutConcepts: { kind: 'emoji', split: 'heldOutConcepts' },
  },
  images: { resolution: 32, fit: 'contain' },
  augment: [
    randomAffine({ degrees: 8, translate: 0.06, scale: [0.8, 1.12], shear: 4 }),
    colorJitter({ brightness: 0.25, contrast: 0.25, saturation: 0.4, hue: 0.04 }),
    normalize({ mean: [0.5, 0.5, 0.5], std: [1 / 3, 1 / 3, 1 / 3] }),
  ],
  texts: { firstCaption: 0.5, vocabularySize: 2000 },
  model: vlm({
    image: { size: 32, patch: 8, width: 192, depth: 2, heads: 6 },
    text: { length: 24, width: 128, depth: 1, heads: 4 },
    projection: 128,
    masked: { width: 128, depth: 2, heads: 4 },
  }),
  objective: masked(),
  optimizer: muon({ learningRate: 3e-3, beta2: 0.98, weightDecay: 0.1, matrixLearningRate: 0.02 }),
  schedule: cosine({ warmupSteps: 15 }),
  batches: { size: 256 },
  epochs: 12,
  checkpoints: { everyEpochs: 2 },
  seed: 7,
})
