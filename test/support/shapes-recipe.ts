import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drawShapes } from './drawn-shapes.ts'

const tower = { hidden_size: 32, intermediate_size: 64, num_hidden_layers: 1, num_attention_heads: 2 }

/** A run of 40 steps of a few milliseconds on drawn shapes; a checkpoint every 6 steps. */
const recipe = (directory: string) => ({
  name: 'shapes',
  data: { kind: 'folder', directory },
  validation: { data: { kind: 'folder', directory }, everyEpochs: 5 },
  tests: { shapes: { kind: 'folder', directory } },
  augment: [{ kind: 'randomResizedCrop', size: 16, scale: [0.8, 1] }],
  images: { resolution: 20 },
  texts: { vocabularySize: 560 },
  model: {
    model_type: 'clip',
    vision_config: { ...tower, image_size: 16, patch_size: 8 },
    text_config: { ...tower, max_position_embeddings: 12 },
    projection_dim: 16,
  },
  optimizer: { kind: 'adamW', learningRate: 3e-3 },
  schedule: { kind: 'cosine', warmupSteps: 4 },
  batches: { size: 12 },
  epochs: 20,
  checkpoints: { everyEpochs: 3 },
  log: { everySteps: 5 },
  machine: { workers: 0, threads: 1 },
})

/**
 * A temporary folder with a data set `shapes/` and a recipe for it.
 * @param badRows As of `drawShapes`.
 * @returns The folder and the recipe's file in it.
 */
export async function shapesRecipe(badRows: readonly string[] = []): Promise<{ home: string; file: string }> {
  const home = mkdtempSync(join(tmpdir(), 'visuomotor-'))
  const file = join(home, 'recipe.mjs')
  await drawShapes(join(home, 'shapes'), badRows)
  writeFileSync(file, `export default () => (${JSON.stringify(recipe(join(home, 'shapes')))})\n`)
  return { home, file }
}
