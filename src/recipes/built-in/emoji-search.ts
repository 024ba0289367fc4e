import { choice, range, type Space } from '../../compression/index.ts'
import type { RecipeInput } from '../recipe/schema.ts'
import { emoji } from './emoji.ts'

/** The main recipe in half its passes, validated often, so that a search of twenty minutes has many trials. */
export const emojiSearch = (): RecipeInput => ({
  ...emoji(),
  name: 'emoji-search',
  epochs: 12,
  validation: { data: { kind: 'emoji', split: 'validation' }, everyEpochs: 3 },
  checkpoints: { everyEpochs: 3 },
})

/** The sizes of both towers of {@link emojiSearch}. Its heads stay: 6 and 4 divide every width here. */
export const emojiSpace = (): Space => ({
  'model.vision_config.hidden_size': choice([96, 144, 192, 240, 288, 384]),
  'model.vision_config.intermediate_size': choice([192, 384, 768, 1152, 1536]),
  'model.vision_config.num_hidden_layers': range(1, 3, { step: 1 }),
  'model.text_config.hidden_size': choice([64, 96, 128, 192]),
  'model.text_config.intermediate_size': choice([128, 256, 512]),
  'model.text_config.num_hidden_layers': range(1, 2, { step: 1 }),
  'model.projection_dim': choice([64, 128, 192]),
})
