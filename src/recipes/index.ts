import type { CompressionInput, Space } from '../compression/index.ts'
import type { SuiteInput } from '../evaluation/index.ts'
import { emoji, emojiDistill, emojiLong, emojiVit } from './built-in/emoji.ts'
import { emojiLit } from './built-in/emoji-lit.ts'
import { emojiMasked } from './built-in/emoji-masked.ts'
import { emojiSearch, emojiSpace } from './built-in/emoji-search.ts'
import { finetune } from './built-in/finetune.ts'
import {
  emojiObjectiveSuite,
  emojiSuite,
  robustnessSuite,
  tabletopActingSuite,
  tabletopRobustnessSuite,
  tabletopSuite,
} from './built-in/suites.ts'
import {
  tabletopDetection,
  tabletopGrasping,
  tabletopManipulation,
  tabletopMultitask,
  tabletopNavigation,
  tabletopPlacing,
  tabletopProgressive,
} from './built-in/tabletop.ts'
import { tabletopAct, tabletopFlow, tabletopPut } from './built-in/tabletop-chunks.ts'
import { emojiSmall } from './compression/built-in.ts'
import type { RecipeDraft, RecipeInput } from './recipe/schema.ts'

export { assignedCompression } from './compression/built-in.ts'
export { type CompressOptions, compress } from './compression/compress.ts'
export { type FineTuneOptions, fineTuneStep } from './compression/fine-tune.ts'
export { behaviorCloning, behaviorCloningObjective } from './objectives/behavior-cloning.ts'
export { captioning, captioningObjective } from './objectives/captioning.ts'
export { contrastive, contrastiveObjective } from './objectives/contrastive.ts'
export { fineTuningRates, imitation, imitationObjective } from './objectives/imitation.ts'
export { objectives } from './objectives/index.ts'
export { masked, maskedObjective } from './objectives/masked.ts'
export type {
  Objective,
  ObjectiveOptions,
  Objectives,
  Problem,
  RecipeOf,
  SampleParts,
  TestResult,
  TestSet,
} from './objectives/objective.ts'
export { sum } from './objectives/sum.ts'
export { type DistillOptions, distill } from './recipe/distillation.ts'
export { placesOfKey } from './recipe/key-places.ts'
export { override } from './recipe/override.ts'
export { parseRecipe } from './recipe/parse.ts'
export { builtIn, type Extensions, type Registry, registryOf } from './recipe/registry.ts'
export type { Recipe, RecipeDraft, RecipeInput } from './recipe/schema.ts'
export type { Stage } from './recipe/stage.ts'
export { type SupernetTraining, supernet } from './recipe/supernet.ts'
export { previewOptions } from './run/batches.ts'
export { readRecipe } from './run/directory.ts'
export { type Evaluation, type EvaluationOptions, evaluate, objectiveOfModel } from './run/evaluate.ts'
export { evaluateSuite, parseSuiteFor, type SuiteOptions } from './run/evaluate-suite.ts'
export { type ExportOptions, exportAdapter, exportBundle, exportLeRobot } from './run/export.ts'
export { type ModelCost, measureModel } from './run/measure-model.ts'
export { asMember } from './run/members.ts'
export { objective } from './run/objective-evaluator.ts'
export { type PreparedRun, prepareRun, type ReopenOptions, reopenRun } from './run/prepare.ts'
export { writeReport } from './run/report.ts'
export { writeReportOfRuns } from './run/report-of-runs.ts'
export { resultsWithControl } from './run/results-with-control.ts'
export { type SearchRequest, type SearchRun, searchRecipe } from './run/search.ts'
export {
  type PrunerSettings,
  readStudy,
  type Study,
  type StudyDescription,
  studyFiles,
  trialDirectory,
} from './run/search-directory.ts'
export { searchObjectiveNames } from './run/search-objectives.ts'
export { commandOf, comparisonOf, resultsOf, type SearchResults } from './run/search-results.ts'
export { type Run, resume, train, trainRun } from './run/train.ts'
export type { ResumeOptions, TrainOptions } from './run/train-options.ts'
export { interpolateWeights, readWiseFt } from './run/wise-ft.ts'

/** The built-in recipes by name. */
export const recipes: Readonly<Record<string, () => RecipeInput>> = {
  emoji,
  'emoji-long': emojiLong,
  'emoji-vit': emojiVit,
  'emoji-masked': emojiMasked,
  'emoji-distill': emojiDistill,
  'emoji-lit': emojiLit,
  'emoji-search': emojiSearch,
  'tabletop-detection': tabletopDetection,
  'tabletop-grasping': tabletopGrasping,
  'tabletop-navigation': tabletopNavigation,
  'tabletop-placing': tabletopPlacing,
  'tabletop-manipulation': tabletopManipulation,
  'tabletop-multitask': tabletopMultitask,
  'tabletop-progressive': tabletopProgressive,
  'tabletop-act': tabletopAct,
  'tabletop-flow': tabletopFlow,
  'tabletop-put': tabletopPut,
}

/** Built-in recipes by name that `--set` finishes: with their data, and a base. */
export const draftRecipes: Readonly<Record<string, () => RecipeDraft>> = { finetune }

/** The built-in compressions by name. */
export const compressions: Readonly<Record<string, () => CompressionInput>> = { 'emoji-small': emojiSmall }

/** The built-in spaces by the name of the recipe that they are for. */
export const spaces: Readonly<Record<string, () => Space>> = { 'emoji-search': emojiSpace }

/** The built-in suites by name. */
export const suites: Readonly<Record<string, () => SuiteInput>> = {
  emoji: emojiSuite,
  'emoji-objective': emojiObjectiveSuite,
  robustness: robustnessSuite,
  tabletop: tabletopSuite,
  'tabletop-acting': tabletopActingSuite,
  'tabletop-robustness': tabletopRobustnessSuite,
}
