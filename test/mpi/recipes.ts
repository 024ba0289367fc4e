import { join } from 'node:path'
import { dualEncoder, siglip, vlm } from '../../src/models/index.ts'
import { contrastive, imitation, masked, type RecipeInput } from '../../src/recipes/index.ts'
import { policyRecipe } from '../support/tabletop-recipe.ts'

const tower = { width: 32, depth: 1, heads: 2 }
const towers = { image: { size: 16, patch: 8, ...tower }, text: { length: 12, ...tower } }

/** What all recipes of the checks share: a log of every step, and one thread, so that members do not crowd each other. */
const common = (steps: number) => ({
  epochs: steps / 3,
  schedule: { kind: 'cosine', warmupSteps: 4 },
  // At 1e-3 Adam amplifies rounding to 6e-5 within 100 steps.
  optimizer: { kind: 'adamW', learningRate: 3e-4 },
  batches: { size: 8 },
  checkpoints: { everyEpochs: 4, keep: 100 },
  log: { everySteps: 1 },
  machine: { workers: 0, threads: 1 },
})

/** A run on drawn shapes: 24 samples, three steps a pass. */
const onShapes = (home: string, steps: number) => {
  const data = { kind: 'folder', directory: join(home, 'shapes') }
  return {
    ...common(steps),
    data,
    validation: { data, everyEpochs: 12 },
    augment: [{ kind: 'randomResizedCrop', size: 16, scale: [0.8, 1] }],
    images: { resolution: 20 },
    texts: { vocabularySize: 560 },
  }
}

/**
 * Recipes of `steps` steps with random draws of every kind: augmentations, captions, masks, dropout.
 * @param home Directory with the drawn shapes in `shapes/`, and the small scenes in `scenes/`.
 */
export const recipesOf = (home: string, steps: number): Readonly<Record<string, RecipeInput>> => {
  const shapes = onShapes(home, steps)
  const policy = policyRecipe(join(home, 'scenes'))
  const recipes = {
    contrastive: { ...shapes, model: dualEncoder({ ...towers, projection: 16 }), objective: contrastive() },
    siglip: { ...shapes, model: siglip(towers), objective: contrastive() },
    masked: {
      ...shapes,
      model: vlm({ ...towers, projection: 16, masked: { ...tower, dropout: 0.1 } }),
      objective: masked(),
    },
    imitation: {
      ...policy,
      ...common(steps),
      model: { ...policy.model, dropout: 0.1 },
      objective: imitation({ weighting: { kind: 'uncertainty' }, grounding: { label: 'box' } }),
    },
  }
  return Object.fromEntries(
    Object.entries(recipes).map(([name, recipe]) => [name, { name, ...recipe } as unknown as RecipeInput]),
  )
}
