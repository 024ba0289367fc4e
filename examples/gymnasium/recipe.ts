import { adamW, behaviorCloning, chunkPolicy, cosine, type RecipeInput } from 'visuomotor'

const directory = 'pusht-demos'

/**
 * A policy for PushT that feels where the pusher and the corners of the T are: chunks of 16 actions at 10 Hz, by flow matching, since
 * the T can be pushed in several ways.
 */
export default (): RecipeInput => ({
  name: 'pusht',
  data: { kind: 'lerobot', directory, episodes: '20:', chunk: 16 },
  validation: { data: { kind: 'lerobot', directory, episodes: '0:20', chunk: 16 } },
  model: chunkPolicy({
    head: 'flow',
    cameras: [],
    state: 18,
    action: 2,
    chunk: 16,
    actionSteps: 8,
    image: { size: 32, patch: 8, width: 32, depth: 1, heads: 1 }, // of no camera
    width: 64,
    heads: 4,
    hidden: 256,
    encoderDepth: 1,
    decoderDepth: 2,
    dropout: 0,
    preNorm: true,
    normalization: { STATE: 'MIN_MAX', ACTION: 'MIN_MAX' },
  }),
  objective: behaviorCloning(),
  images: { resolution: 32 },
  optimizer: adamW({ learningRate: 2e-3, weightDecay: 1e-4 }),
  schedule: cosine({ warmupSteps: 200 }),
  batches: { size: 64 },
  epochs: 12,
  seed: 1,
})
