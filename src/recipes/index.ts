import { emoji, emojiLong } from './emoji.ts'
import type { ExperimentInput } from './experiment.ts'
import {
  tabletopDetection,
  tabletopGrasping,
  tabletopManipulation,
  tabletopMultitask,
  tabletopNavigation,
  tabletopProgressive,
} from './tabletop.ts'

export { previewOptions } from './batches.ts'
export type { RunSummary } from './conclude-run.ts'
export { cutCaptions } from './cut-captions.ts'
export { type Experiment, type ExperimentInput, experiment } from './experiment.ts'
export { fineTuningRates } from './fine-tuning.ts'
export { contrastive, imitation, usualTolerances } from './objective.ts'
export { override } from './override.ts'
export { parseExperiment } from './parse-experiment.ts'
export { type PreparedRun, prepareRun, reopenRun } from './prepare-run.ts'
export { readRecipe } from './run-directory.ts'
export { writeReport } from './run-report.ts'
export type { Stage, StageRecord } from './stages/stage.ts'
export { type Run, resume, train, trainRun } from './train.ts'
export type { TrainOptions } from './train-options.ts'

/** The built-in recipes by name. */
export const recipes: Readonly<Record<string, () => ExperimentInput>> = {
  emoji,
  'emoji-long': emojiLong,
  'tabletop-detection': tabletopDetection,
  'tabletop-grasping': tabletopGrasping,
  'tabletop-navigation': tabletopNavigation,
  'tabletop-manipulation': tabletopManipulation,
  'tabletop-multitask': tabletopMultitask,
  'tabletop-progressive': tabletopProgressive,
}
