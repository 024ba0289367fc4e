import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { datasetDefaults, generateDataset } from '../../src/world/index.ts'

const tower = { hidden_size: 32, intermediate_size: 64, num_hidden_layers: 1, num_attention_heads: 2 }

/** A run of a small policy on a few small scenes: 24 steps. */
export const policyRecipe = (directory: string) => ({
  name: 'scenes',
  data: { kind: 'tabletop', directory },
  validation: { data: { kind: 'tabletop', directory, split: 'validation' }, everyEpochs: 2 },
  tests: {
    heldOutScenes: { kind: 'tabletop', directory, split: 'heldOutScenes' },
    atTheTable: { kind: 'tabletop', directory, split: 'heldOutScenes', setting: 'table' },
  },
  texts: { vocabularySize: 600 },
  model: {
    model_type: 'visuomotor_policy',
    vision_config: { ...tower, image_size: 32, patch_size: 8 },
    text_config: { ...tower, max_position_embeddings: 24 },
    fusion_config: tower,
    glances: 2,
    shared_size: 32,
    heads: {
      detection: { kind: 'detection', box: 'box', category: 'category', classes: 6, hidden: [32] },
      grasping: { kind: 'pose', label: 'grasp', hidden: [32] },
      navigation: { kind: 'position', label: 'navigation', hidden: [32] },
    },
  },
  objective: { kind: 'imitation', weighting: { kind: 'uncertainty' }, grounding: { label: 'box' } },
  optimizer: { kind: 'adamW', learningRate: 3e-3 },
  schedule: { kind: 'cosine', warmupSteps: 4 },
  batches: { size: 16 },
  epochs: 6,
  checkpoints: { everyEpochs: 1 },
  log: { everySteps: 4 },
  machine: { workers: 0, threads: 1 },
})

export type PolicyRecipe = ReturnType<typeof policyRecipe>

let generated: Promise<string> | undefined

/** The scenes of all recipes here, made once in a process. */
async function smallScenes(): Promise<string> {
  const scenes = mkdtempSync(join(tmpdir(), 'visuomotor-scenes-'))
  process.on('exit', () => rmSync(scenes, { recursive: true, force: true }))
  const options = { ...datasetDefaults, size: 32, scenes: 40, seed: 3, smooth: false }
  await generateDataset(scenes, options, { workers: 1 })
  return scenes
}

/**
 * A temporary folder with a data set `scenes/` of 40 small scenes and a recipe for it.
 * @returns The folder and the recipe's file in it.
 */
export async function tabletopRecipe(
  change: (recipe: PolicyRecipe) => object = (recipe) => recipe,
): Promise<{ home: string; file: string; scenes: string }> {
  const home = mkdtempSync(join(tmpdir(), 'visuomotor-'))
  const scenes = join(home, 'scenes')
  generated ??= smallScenes()
  cpSync(await generated, scenes, { recursive: true })
  return { home, scenes, file: writeRecipeFile(home, change(policyRecipe(scenes))) }
}

/** A recipe as a file. */
export function writeRecipeFile(home: string, recipe: object, name = 'recipe.mjs'): string {
  const file = join(home, name)
  writeFileSync(file, `export default () => (${JSON.stringify(recipe)})\n`)
  return file
}
