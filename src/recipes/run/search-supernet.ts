import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import {
  FileLock,
  type Outcome,
  type RunTrial,
  Supernet,
  type TrackedTrial,
  type TrialHooks,
  type Values,
  type Work,
} from '../../compression/index.ts'
import { isRun, runFiles } from '../../core/index.ts'
import { type Bundle, readBundle, writeBundle, writeModelFiles } from '../../deploy/index.ts'
import { Engine } from '../../engine/index.ts'
import { sgd } from '../../optim/index.ts'
import { type Callback, type ModelState, metricAt, prepareTraining } from '../../training/index.ts'
import { objectiveOf } from '../recipe/objective-of.ts'
import type { Registry } from '../recipe/registry.ts'
import type { Recipe } from '../recipe/schema.ts'
import { validationBatches } from './batches.ts'
import { openData } from './data.ts'
import type { ModelCost } from './measure-model.ts'
import { prepareRun, reopenRun } from './prepare.ts'
import { foundDirectory, studyFiles, trialDirectory } from './search-directory.ts'
import type { Monitored } from './search-objectives.ts'
import { trainRun } from './train.ts'
import type { Workplace } from './workplace.ts'

/** Settings of a study that searches a supernet. */
export interface SupernetSettings {
  readonly directory: string
  readonly recipe: Recipe
  readonly registry: Registry
  readonly monitored: Monitored
  readonly workplace: Workplace
  readonly callbacks: readonly Callback[] | undefined
  readonly signal: AbortSignal | undefined
  /** Measure the cost of the model of a folder; undefined where no objective needs it. */
  readonly measure: ((folder: string) => Promise<ModelCost>) | undefined
}

/** Train the supernet of a study, unless that is done, and open it; undefined when the signal stopped it. */
export const openSupernet = async (settings: SupernetSettings): Promise<TrainedSupernet | undefined> =>
  (await trainSupernet(settings)) ? TrainedSupernet.open(settings) : undefined

/**
 * Train the supernet of a study, in `supernet/` below it, or go on with that from its newest checkpoint. Of several workers one
 * trains and the others wait.
 * @returns False when the signal stopped it.
 */
async function trainSupernet(settings: SupernetSettings): Promise<boolean> {
  const { directory, recipe, registry, callbacks, signal } = settings
  const run = join(directory, studyFiles.supernet)
  const lock = new FileLock(join(directory, studyFiles.locks, 'supernet'))
  while (lock.take() === undefined) {
    if (signal?.aborted) return false
    await setTimeout(500)
  }
  try {
    if (existsSync(join(run, runFiles.summary))) return true
    // Nothing is chosen by tests.
    const whole = { ...recipe, name: `${recipe.name}-supernet`, tests: {} }
    const prepared = isRun(run) ? await reopenRun(run, registry) : await prepareRun(whole, run, registry)
    const options = { ...(callbacks && { callbacks }), ...(signal && { signal }) }
    return (await trainRun(prepared, options)).summary !== undefined
  } finally {
    lock.release()
  }
}

/** A trained supernet, whose sub-networks are judged without training. */
class TrainedSupernet {
  readonly #settings: SupernetSettings
  readonly #whole: Bundle
  readonly #net: Supernet
  readonly #state: ModelState

  private constructor(settings: SupernetSettings, whole: Bundle, net: Supernet, state: ModelState) {
    this.#settings = settings
    this.#whole = whole
    this.#net = net
    this.#state = state
  }

  /** The supernet of a study, with the weights that its run validated best. */
  static async open(settings: SupernetSettings): Promise<TrainedSupernet> {
    const { directory, recipe, registry } = settings
    const { families } = registry
    const whole = readBundle(join(directory, studyFiles.supernet), { families })
    const net = new Supernet(whole, recipe.supernet!.parts, { families })
    const { device, threads } = recipe.machine
    const task = objectiveOf(recipe, registry).task(whole.model, recipe, { totalSteps: 1 })
    const { state } = await prepareTraining({
      task,
      engine: new Engine({ device, ...(threads !== undefined && { threads }) }),
      optimizer: sgd({}),
      seed: recipe.seed,
      values: new Map([...whole.weights].filter(([name]) => task.parameters.has(name))),
    })
    return new TrainedSupernet(settings, whole, net, state)
  }

  /** Trials that measure sub-networks with the weights that they share. */
  get runTrial(): RunTrial {
    return async (work, hooks) => {
      const start = performance.now()
      const seconds = () => work.trial.seconds + (performance.now() - start) / 1000
      if (hooks.signal?.aborted) return { state: 'paused', seconds: seconds() }
      const quality = await this.#quality(work.trial.values)
      const cost = await this.#cost(work, hooks)
      return { state: 'finished', measured: { ...cost, quality }, seconds: seconds() } satisfies Outcome
    }
  }

  /** The monitored metric of a sub-network on the validation data. */
  async #quality(values: Values): Promise<number> {
    const { recipe, registry, monitored } = this.#settings
    const model = this.#net.model(values)
    const task = objectiveOf(recipe, registry).task(model, recipe, { totalSteps: 1 })
    const { tokenizer } = this.#whole
    const text = { tokenizer, length: model.inputs.text.length }
    const { validation } = openData(recipe, registry)
    const batches = validationBatches(recipe, validation!, text, registry)
    const metrics = await task.evaluate(batches, this.#state.values, this.#state)
    task.release?.(this.#state)
    return metricAt(metrics, monitored.metric)
  }

  /** A sub-network on its own, with its part of the weights. */
  #bundle(values: Values): Bundle {
    return this.#net.bundle(values, this.#whole)
  }

  /** Write the sub-networks of trials as bundles. */
  async writeFound(trials: Iterable<TrackedTrial>): Promise<void> {
    const { directory, registry } = this.#settings
    for (const { number, values } of trials) {
      const folder = foundDirectory(directory, number)
      if (existsSync(folder)) continue
      await writeBundle(folder, this.#bundle(values), { families: registry.families })
    }
  }

  async #cost({ trial }: Work, hooks: TrialHooks): Promise<Readonly<Record<string, number>>> {
    const { measure, directory, workplace, registry } = this.#settings
    if (!measure) return {}
    const folder = trialDirectory(directory, trial.number)
    writeModelFiles(folder, this.#bundle(trial.values), { families: registry.families })
    const { alone, ...cost } = await workplace.measureAlone(undefined, () => measure(folder))
    const measured = { ...cost, alone: alone ? 1 : 0 }
    await hooks.measured(measured)
    return measured
  }
}
