import { emoji, emojiLong } from './built-in/emoji.ts'
import { emojiLit } from './built-in/emoji-lit.ts'
import {
  tabletopDetection,
  tabletopGrasping,
  tabletopManipulation,
  tabletopMultitask,
  tabletopNavigation,
  tabletopProgressive,
} from './built-in/tabletop.ts'
import type { RecipeInput } from './recipe/schema.ts'

export { contrastive, contrastiveObjective } from './objectives/contrastive.ts'
export { fineTuningRates, imitation, imitationObjective } from './objectives/imitation.ts'
export { objectives } from './objectives/index.ts'
export type {
  Objective,
  ObjectiveOptions,
  Objectives,
  Problem,
  RecipeOf,
  TestResult,
  TestSet,
} from './objectives/objective.ts'
export { placesOfKey } from './recipe/key-places.ts'
export { override } from './recipe/override.ts'
export { parseRecipe } from './recipe/parse.ts'
export { builtIn, type Extensions, type Registry, registryOf } from './recipe/registry.ts'
export type { Recipe, RecipeInput } from './recipe/schema.ts'
export type { Stage } from './recipe/stage.ts'
export { previewOptions } from './run/batches.ts'
export { readRecipe } from './run/directory.ts'
export { type Evaluation, type EvaluationOptions, evaluate, objectiveOfModel } from './run/evaluate.ts'
export { type PreparedRun, prepareRun, type ReopenOptions, reopenRun } from './run/prepare.ts'
export { writeReport } from './run/report.ts'
export { type Run, resume, train, trainRun } from './run/train.ts'
export type { ResumeOptions, TrainOptions } from './run/train-options.ts'

/** The built-in recipes by name. */
export const recipes: Readonly<Record<string, () => RecipeInput>> = {
  emoji,
  'emoji-long': emojiLong,
  'emoji-lit': emojiLit,
  'tabletop-detection': tabletopDetection,
  'tabletop-grasping': tabletopGrasping,
  'tabletop-navigation': tabletopNavigation,
  'tabletop-manipulation': tabletopManipulation,
  'tabletop-multitask': tabletopMultitask,
  'tabletop-progressive': tabletopProgressive,
}
