import { join } from 'node:path'
import { runFiles } from '../../core/index.ts'
import { formatDuration, formatNumber, type RunSummary } from '../../report/index.ts'
import {
  type Callback,
  joinedCommunicator,
  lead,
  noteTo,
  type Outcome,
  trackerOf,
  trainingProgress,
} from '../../training/index.ts'
import { type Extensions, registryOf } from '../recipe/registry.ts'
import type { RecipeInput } from '../recipe/schema.ts'
import { BadSamples } from './bad-samples.ts'
import { concludeRun } from './conclude.ts'
import { trainControl } from './control.ts'
import { undoBegin } from './directory.ts'
import { type ExportOptions, exportBundle } from './export.ts'
import { asMember, members } from './members.ts'
import { type PreparedRun, prepareRun, type ReopenOptions, reopenRun } from './prepare.ts'
import { Trackers } from './trackers.ts'
import { trainOnce } from './train-once.ts'
import type { ResumeOptions, TrainOptions } from './train-options.ts'
import { trainStages } from './train-stages.ts'
import './uncaught-errors.ts'

/** A finished or interrupted run. */
export interface Run {
  readonly directory: string
  /** Summary of the run; undefined when it was interrupted. */
  readonly summary: RunSummary | undefined
  /**
   * Write a bundle for robots, Hugging Face's libraries and search.
   * @param options Default: the best checkpoint by the validation, or the last one without validation; in float32.
   * @throws ConfigError when `directory` holds anything that no export wrote.
   */
  export(directory: string, options?: ExportOptions): Promise<void>
}

/**
 * Train by a recipe and write the run's directory: recipe, metrics, checkpoints, summary, report.
 *
 * @param options `out` is the run's directory, default `runs/<name>`; an earlier run there is moved aside. `families`,
 * `objectives` and `sources` are a user's own rows: see docs/extending.md.
 * @throws ConfigError for a recipe that is not valid; DataError for samples that cannot be used; TrainingError
 * when the loss is not finite.
 */
export async function train(
  input: RecipeInput,
  {
    out,
    families,
    objectives,
    sources,
    ...options
  }: TrainOptions & Extensions & { readonly out?: string } = {},
): Promise<Run> {
  const registry = registryOf({ families, objectives, sources })
  for (const text of options.track ?? []) trackerOf(text)
  return asMember(async () => trainRun(await prepareRun(input, out, registry), options))
}

/**
 * Resume a run from its newest checkpoint as if it had never stopped: the weights will be the same, bit by bit. A
 * finished run is only tested again, unless `epochs` asks for more passes than it has done: then the schedule spans the
 * longer run, and so the learning rate jumps.
 * @throws Errors of {@link train}, ConfigError `run/not-a-run`, `run/epochs`, and DataError `data/source-changed` for other
 * data than that of the checkpoint, unless `allowChangedData`.
 */
export async function resume(
  directory: string,
  { families, objectives, sources, epochs, ...options }: ResumeOptions & Extensions & ReopenOptions = {},
): Promise<Run> {
  const registry = registryOf({ families, objectives, sources })
  const passes = epochs === undefined ? {} : { epochs }
  return asMember(async () => trainRun(await reopenRun(directory, registry, passes), options))
}

/** Train a prepared run from its newest checkpoint, or from the beginning if there is none. */
export async function trainRun(
  run: PreparedRun,
  { callbacks: observers = [trainingProgress()], track = [], ...rest }: ResumeOptions = {},
): Promise<Run> {
  const isFirst = members().rank === 0
  const callbacks = isFirst ? observers : []
  const trackers = isFirst ? new Trackers(run, track, noteTo(callbacks)) : undefined
  let outcome: Outcome = 'failed'
  try {
    const trained = await trainTracked(run, { ...rest, callbacks }, trackers)
    outcome = trained.summary ? 'finished' : 'interrupted'
    return trained
  } finally {
    await trackers?.close(outcome)
  }
}

async function trainTracked(
  run: PreparedRun,
  { callbacks, ...rest }: Omit<ResumeOptions, 'track'> & { readonly callbacks: readonly Callback[] },
  trackers: Trackers | undefined,
): Promise<Run> {
  const { directory, recipe, registry, data, earlierRun } = run
  const isFirst = members().rank === 0
  const untracked = { ...rest, callbacks }
  const options = { ...untracked, trackers: trackers?.callbacks ?? [] }
  const note = noteTo(callbacks)
  if (earlierRun !== undefined) note(`the earlier run is now in ${earlierRun}`)
  note(`training ${data.training.name} in ${directory}${together()}`)
  const badSamples = new BadSamples(directory, isFirst)
  const result = await undoneIfUntrained(run, () =>
    recipe.stages ? trainStages(run, options) : trainOnce(run, badSamples, options),
  )
  const asksControl = recipe.distillation?.control === true && !result.interrupted
  const control = asksControl ? await trainControl(run, untracked) : undefined
  const isOver = !result.interrupted && (!asksControl || control !== undefined)
  const concluded = { ...result, ...(control && { control: control.results }) }
  const summary = isOver
    ? await lead(members(), () => concludeRun(run, concluded, badSamples, options))
    : undefined
  if (summary) {
    trackers?.addResults(summary)
    for (const text of told(directory, summary)) note(text)
  }
  return {
    directory,
    summary,
    export: (to, options) =>
      lead(members(), async () => {
        for (const sentence of await exportBundle(directory, to, options, registry)) note(sentence)
      }),
  }
}

/** Number of members that train together, for people. */
function together(): string {
  const joined = joinedCommunicator()
  return joined ? ` with ${joined.size} members (${joined.library})` : ''
}

/** Do the training of a run; a new run that fails before it trained leaves its place as it was. */
async function undoneIfUntrained<T>(run: PreparedRun, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (run.isNew) undoBegin(run.directory, run.earlierRun)
    throw error
  }
}

/** Sentences for people about a finished run. */
function* told(directory: string, summary: RunSummary): Generator<string> {
  const { steps, trainSeconds, samplesPerSecond, dataWaitFraction, badSamples } = summary
  const rate = `${formatNumber(samplesPerSecond, 0)} samples per second`
  const waiting = `${formatNumber(100 * dataWaitFraction, 1)} % of the time waiting for data`
  yield `${steps} steps in ${formatDuration(trainSeconds)}: ${rate}, ${waiting}`
  if (badSamples > 0)
    yield `left out: ${badSamples} bad samples, listed in ${join(directory, runFiles.badSamples)}`
  yield `report: ${join(directory, runFiles.report)}`
}
