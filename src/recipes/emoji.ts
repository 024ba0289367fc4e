import { horizontalFlip, imageNetStatistics, normalize, randomResizedCrop } from '../data/index.ts'
import { dualEncoder } from '../models/index.ts'
import { adamW, cosine } from '../optim/index.ts'
import { contrastive, type ExperimentInput } from './experiment.ts'

/** The main job: a small CLIP from scratch on emoji, in under five minutes on two cores. */
export const emoji = (): ExperimentInput => ({
  name: 'emoji',
  data: { source: 'emoji', split: 'train' },
  validation: { source: 'emoji', split: 'validation' },
  tests: {
    heldOutStyle: { source: 'emoji', split: 'heldOutStyle' },
    heldOutConcepts: { source: 'emoji', split: 'heldOutConcepts' },
  },
  images: { resolution: 48, fit: 'contain' },
  augment: [randomResizedCrop(32, { scale: [0.7, 1] }), horizontalFlip(), normalize(imageNetStatistics)],
  tokenizer: { vocabularySize: 2000 },
  model: dualEncoder({
    image: { size: 32, patch: 16, width: 192, depth: 3, heads: 3 },
    text: { length: 16, width: 128, depth: 2, heads: 2 },
    projection: 128,
  }),
  objective: contrastive(),
  optimizer: adamW({ learningRate: 1e-3, weightDecay: 0.1 }),
  schedule: cosine({ warmupSteps: 50 }),
  batchSize: 256,
  epochs: 4,
  validateEveryEpochs: 2,
  checkpointEveryEpochs: 2,
  seed: 7,
})
