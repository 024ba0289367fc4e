import { inputsOf } from '../../models/index.ts'
import type { Registry } from '../recipe/registry.ts'
import type { Recipe } from '../recipe/schema.ts'

/** A warning about pixels that no patch covers; none where the patches cover the whole image. */
export function cutImages({ model }: Pick<Recipe, 'model'>, { families }: Registry): string[] {
  const { size, patch = 1 } = inputsOf(model, families).image
  const left = size % patch
  if (left === 0) return []
  const pixels = left === 1 ? 'the last pixel' : `the last ${left} pixels`
  return [
    `warning: patches of ${patch} pixels cover ${size - left} of the ${size} pixels of a side: the model never sees ` +
      `${pixels} of a row and of a column (model.vision_config.patch_size, image_size)`,
  ]
}
