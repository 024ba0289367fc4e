import { didYouMean } from '../../core/index.ts'
import { earlierKeys } from '../../data/index.ts'
import { placesOfKey } from './key-places.ts'
import { knownKeys, type RecipePath } from './keys.ts'
import type { Registry } from './registry.ts'
import { renamedKey } from './renamed-keys.ts'

/** Arguments of `dualEncoder` and `siglip`, with their place in the model that these functions make. */
const modelArguments = {
  image: 'model.vision_config: hidden_size, num_hidden_layers, num_attention_heads, image_size, patch_size',
  text: 'model.text_config: hidden_size, num_hidden_layers, num_attention_heads, max_position_embeddings',
  projection: 'model.projection_dim',
  initialScale: 'model.logit_scale_init_value, its logarithm',
}

/**
 * Hint for a wrong key in messages: its new name, its place in a group, `; did you mean 'seed'?` or all existing keys.
 */
export function keyHint(path: RecipePath, wrong: string, registry: Registry): string {
  const known = knownKeys(path, registry) ?? []
  const isEarlier = known.includes('kind') && (earlierKeys as readonly string[]).includes(wrong)
  const renamed = isEarlier ? [...path, 'kind'].join('.') : renamedKey([...path, wrong])
  if (renamed !== undefined) return `; it is now ${renamed}`
  if (path.join('.') === 'model' && isArgument(wrong))
    return `; the model has it under ${modelArguments[wrong]}`
  const [place] = path.length === 0 ? placesOfKey(wrong, registry) : []
  if (place !== undefined) return `; did you mean '${place}'?`
  return didYouMean(wrong, known) || '; nothing can stand below'
}

const isArgument = (name: string): name is keyof typeof modelArguments => Object.hasOwn(modelArguments, name)
