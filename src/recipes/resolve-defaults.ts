import type { Experiment } from './experiment.ts'
import { fineTuningRates } from './fine-tuning.ts'
import { usualMonitor } from './objective.ts'

/**
 * The recipe with those defaults that follow from other keys: a run stores them, so that it is told in full. They are
 * filled in last, when nothing can change a key any more.
 */
export function resolveDefaults(config: Experiment): Experiment {
  const isTuned = config.base !== undefined && config.parameters.length === 0
  const parameters = isTuned ? fineTuningRates(config) : config.parameters
  const { monitor = usualMonitor[config.objective.name] } = config
  return { ...config, parameters, monitor }
}
