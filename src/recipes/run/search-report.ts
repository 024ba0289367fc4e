import { join } from 'node:path'
import { importanceOf } from '../../compression/index.ts'
import { writeFileAtomic } from '../../core/index.ts'
import { studyPage } from '../../report/index.ts'
import type { Registry } from '../recipe/registry.ts'
import { type PrunerSettings, type Study, studyFiles } from './search-directory.ts'
import { monitoredBy } from './search-objectives.ts'
import { commandOf, comparisonOf, resultsOf } from './search-results.ts'

/** Write the page of a study. */
export async function writeStudyReport(study: Study, registry: Registry): Promise<void> {
  const { directory, description, state } = study
  const results = resultsOf(study, registry)
  const { sampler, pruner, seed, space } = description
  const content = await studyPage({
    name: `Search of ${description.name}`,
    settings: `Chosen by ${sampler}, ${stoppedBy(pruner)}, seed ${seed}`,
    metric: monitoredBy(description.config, registry).metric,
    objectives: results.objectives,
    trials: state.trials,
    paths: Object.keys(space),
    front: results.front.map(({ number }) => number),
    importance: importanceOf(space, state.trials),
    findings: comparisonOf(results),
    commands: Object.fromEntries(
      results.front.map((trial) => [trial.number, `npx visuomotor ${commandOf(study, trial)}`]),
    ),
  })
  writeFileAtomic(join(directory, studyFiles.report), content)
}

const stoppedBy = (pruner: PrunerSettings): string =>
  pruner.kind === 'none' ? 'none stopped' : `stopped by ${pruner.kind}, one in ${pruner.factor} goes on`
