import { adamW, cosine, folder, randomResizedCrop, train } from 'visuomotor'
import { bagOfWords } from './bag-of-words.ts'
import { ranking } from './ranking.ts'

const tower = { hidden_size: 64, intermediate_size: 128, num_hidden_layers: 2, num_attention_heads: 4 }

const run = await train(
  {
    name: 'own-model',
    data: folder('photos', { captions: 'captions.jsonl' }),
    augment: [randomResizedCrop(32, { scale: [0.8, 1] })],
    model: {
      model_type: 'bag_of_words',
      vision_config: { ...tower, image_size: 32, patch_size: 8 },
      text_config: { max_position_embeddings: 16 },
    },
    objective: { kind: 'ranking', margin: 0.3 },
    optimizer: adamW({ learningRate: 1e-3 }),
    schedule: cosine({ warmupSteps: 10 }),
    batches: { size: 32 },
    epochs: 20,
  },
  { families: { bag_of_words: bagOfWords }, objectives: { ranking } },
)
await run.export('my-model')
