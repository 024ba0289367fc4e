import { type ChildProcess, fork } from 'node:child_process'
import { join, resolve } from 'node:path'
import {
  asha,
  FileJournal,
  largestOf,
  type Pruner,
  parseSpace,
  runStudy,
  type SamplerName,
  type Space,
  samplers,
  successiveHalving,
  supernetSpace,
  type TrackedTrial,
  type Values,
} from '../../compression/index.ts'
import { EngineError } from '../../core/index.ts'
import type { Callback } from '../../training/index.ts'
import { override } from '../recipe/override.ts'
import type { Recipe } from '../recipe/schema.ts'
import type { ModelCost } from './measure-model.ts'
import {
  openStudy,
  type PrunerSettings,
  type Study,
  type StudyDescription,
  studyFiles,
} from './search-directory.ts'
import { monitoredBy, searchObjectives } from './search-objectives.ts'
import { writeStudyReport } from './search-report.ts'
import { resultsOf } from './search-results.ts'
import { openSupernet } from './search-supernet.ts'
import { trainingTrials } from './search-trial.ts'
import { type NamedRecipe, ownValues, refusalOf, requireFits } from './search-values.ts'
import { Workplace } from './workplace.ts'

/** Request for a study: its recipe with the changes of every trial, and its settings. */
export interface SearchRequest extends NamedRecipe {
  /** The recipe as `train` takes it: a name, or a file. */
  readonly recipe: string
  readonly isFile: boolean
  /** Places that may vary; of a recipe with a `supernet` that is its parts, and this is not read. */
  readonly space: unknown
  readonly objectives: readonly string[]
  readonly sampler: SamplerName
  readonly pruner: PrunerSettings
  readonly seed: number
  readonly batch: number
  /** Try the recipe's own values first. */
  readonly own: boolean
}

/** Settings of one worker. */
export interface SearchRun {
  readonly directory: string
  readonly resumes: boolean
  /** Trials to draw, beside the recipe's own. Default: until the sampler has no more, or the signal fires. */
  readonly trials?: number | undefined
  readonly trialMinutes: number
  /** Words that start our command line, and the module that measures a model, each in a process of its own. */
  readonly command: readonly string[]
  readonly measureModule: string
  /** Observers of the training of a supernet. Default: its progress on standard error. */
  readonly callbacks?: readonly Callback[]
  readonly signal?: AbortSignal | undefined
  readonly note: (text: string) => void
  readonly onTrial?: (trial: TrackedTrial, study: Study) => void
}

/**
 * Search values of a recipe: each trial is a training run in a process of its own, below `trials/` in the study's
 * directory. Of a recipe with a `supernet` that is trained once, and each trial is a sub-network with shared weights. All that happens is in `journal.jsonl` before the next thing happens, so that a study goes on after any
 * stop, and several workers can share it.
 * @throws ConfigError `study/space`, `study/options`, `study/refused`, `study/exists`, `study/missing`, `study/other`, and those of
 * `override` for a path that the recipe does not have.
 */
export async function searchRecipe(request: SearchRequest, run: SearchRun): Promise<Study> {
  const { directory, resumes, note, signal } = run
  const description = describe(request, run)
  const { space, config } = description
  const monitored = monitoredBy(config, request.registry)
  const objectives = searchObjectives(request.objectives, monitored)
  const sampler = samplers[request.sampler](space)
  const share = config.supernet ? 1 : requireFits(request, space, request.seed)
  openStudy(directory, description, resumes)
  if (share < 1)
    note(
      `the recipe takes about ${Math.round(100 * share)} % of what the space gives; the rest is recorded as refused`,
    )
  const workplace = new Workplace(directory)
  const lockFolder = join(directory, studyFiles.locks, 'journal')
  const journal = new FileJournal(join(directory, studyFiles.journal), lockFolder)
  workplace.presence.open()
  try {
    const measure = objectives.length > 1 ? (of: string) => measureApart(of, request, run) : undefined
    const carried = { directory, recipe: config, registry: request.registry, monitored, workplace, measure }
    const supernet = config.supernet && (await openSupernet({ ...carried, callbacks: run.callbacks, signal }))
    const state = await runStudy(journal, {
      space,
      objectives,
      seed: request.seed,
      sampler,
      pruner: prunerOf(request.pruner),
      draws: run.trials,
      own: request.own ? ownOf(config, space) : undefined,
      refusal: (values) => (config.supernet ? undefined : refusalOf(request, values)),
      runTrial:
        supernet?.runTrial ??
        trainingTrials({ ...run, ...request, name: config.name, monitored, workplace, measure }),
      worker: workplace.presence.identity,
      isAlive: (worker) => workplace.presence.isAlive(worker),
      signal,
      onTrial: (trial, state) => run.onTrial?.(trial, { directory, description, state }),
    })
    const study = { directory, description, state }
    const { front, verdict } = resultsOf(study, request.registry)
    await supernet?.writeFound(new Set([...front, ...(verdict ? [verdict] : [])]))
    await writeStudyReport(study, request.registry)
    return study
  } finally {
    workplace.presence.close()
  }
}

/** The recipe's own values; of a supernet the whole. */
const ownOf = (recipe: Recipe, space: Space): Values =>
  recipe.supernet ? largestOf(recipe.supernet.parts) : ownValues(recipe, space)

/** The description of a study, for `study.json`. */
function describe(request: SearchRequest, { trials, trialMinutes }: SearchRun): StudyDescription {
  const { draft, assignments, registry, recipe, isFile, objectives, sampler, pruner, seed, batch, own } =
    request
  const config: Recipe = override(draft, assignments, registry)
  return {
    name: config.name,
    recipe: isFile ? resolve(recipe) : recipe,
    assignments: [...assignments],
    config,
    space: config.supernet ? supernetSpace(config.supernet.parts) : parseSpace(request.space),
    objectives: [...objectives],
    sampler,
    pruner,
    seed,
    batch,
    own,
    ...(trials !== undefined && { trials }),
    trialMinutes,
  }
}

function prunerOf(settings: PrunerSettings): Pruner | undefined {
  if (settings.kind === 'none') return undefined
  return settings.kind === 'asha' ? asha(settings) : successiveHalving(settings)
}

/** The cost of a run's model, measured in a process of its own. */
async function measureApart(
  run: string,
  { recipe, isFile, batch }: SearchRequest,
  { command, measureModule }: SearchRun,
): Promise<ModelCost> {
  const [execPath, ...words] = command
  const argv = [run, String(batch), ...(isFile ? [recipe] : [])]
  const child = fork(measureModule, argv, {
    execPath: execPath!,
    execArgv: words.slice(0, -1),
    stdio: 'pipe',
  })
  const [cost, text] = await Promise.all([messageOf(child), errorsOf(child)])
  if (cost) return cost
  throw new EngineError('engine/run', `the model of ${run} could not be measured: ${text.trim()}`, { run })
}

const messageOf = (child: ChildProcess): Promise<ModelCost | undefined> =>
  new Promise((resolve) => {
    child.once('message', (message) => resolve(message as ModelCost))
    child.once('close', () => resolve(undefined))
  })

async function errorsOf(child: ChildProcess): Promise<string> {
  let text = ''
  for await (const part of child.stderr!) text += String(part)
  return text
}
