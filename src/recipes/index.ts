import { emoji } from './emoji.ts'
import type { ExperimentInput } from './experiment.ts'

export type { RunSummary } from './conclude-run.ts'
export {
  contrastive,
  type Experiment,
  type ExperimentInput,
  experiment,
  parseExperiment,
} from './experiment.ts'
export { readRecipe } from './run-directory.ts'
export { type Run, type TrainOptions, train } from './train.ts'

/** The built-in recipes by name. */
export const recipes: Readonly<Record<string, () => ExperimentInput>> = { emoji }
