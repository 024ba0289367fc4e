import {
  adamW,
  colorJitter,
  contrastive,
  cosine,
  dualEncoder,
  folder,
  paraphrase,
  randomResizedCrop,
  train,
} from 'visuomotor'

const run = await train({
  name: 'photos',
  data: folder('photos', { captions: 'captions.jsonl' }),
  augment: [randomResizedCrop(64, { scale: [0.8, 1] }), colorJitter(), paraphrase()],
  model: dualEncoder({
    image: { size: 64, patch: 8, width: 192, depth: 6, heads: 3 },
    text: { length: 32, width: 192, depth: 4, heads: 3 },
  }),
  objective: contrastive(),
  optimizer: adamW({ learningRate: 1e-3, weightDecay: 0.1 }),
  schedule: cosine({ warmupSteps: 200 }),
  batches: { size: 256 },
  epochs: 30,
  seed: 7,
})
await run.export('my-model')
