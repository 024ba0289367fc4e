import { existsSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { runFiles, version, writeFileAtomic } from '../../core/index.ts'
import type { RunSummary } from '../../report/index.ts'
import {
  type Callback,
  Delivery,
  metricScalars,
  type Outcome,
  type Scalars,
  type TrackedRun,
  trackerOf,
  trainingScalars,
  validationScalars,
} from '../../training/index.ts'
import type { Recipe } from '../recipe/schema.ts'
import type { PreparedRun } from './prepare.ts'

/** A tracker of a run as `trackers.json` keeps it. */
interface KeptTracker {
  readonly track: string
  /** Id of the run there, once it is known. */
  readonly run?: string
}

/** The services that show a run. */
export class Trackers {
  /** Observers of the training, one for each service. */
  readonly callbacks: readonly Callback[]
  readonly #deliveries: readonly Delivery[]
  readonly #file: string
  #kept: readonly KeptTracker[]

  /**
   * @param asked Trackers beside those of the recipe, and beside those that the run began with.
   * @throws ConfigError `training/tracker`.
   */
  constructor(run: PreparedRun, asked: readonly string[], note: (text: string) => void) {
    this.#file = join(run.directory, runFiles.trackers)
    const before = readKept(this.#file)
    const names = new Set([...before.map(({ track }) => track), ...(run.recipe.log.track ?? []), ...asked])
    this.#kept = [...names].map((track) => before.find((kept) => kept.track === track) ?? { track })
    const tracked = trackedRun(run)
    this.#deliveries = this.#kept.map(({ track, run: known }) => {
      const onOpen = (id: string) => this.#keep(track, id)
      return new Delivery(trackerOf(track), { run: tracked, known, onOpen, note })
    })
    this.callbacks = this.#deliveries.map((delivery) => observing(delivery, () => this.#write()))
  }

  /** Deliver the results of the tests. */
  addResults({ steps, results }: RunSummary): void {
    if (Object.keys(results).length === 0) return
    for (const delivery of this.#deliveries) delivery.add(record(steps, metricScalars('test', results)))
  }

  /** Deliver what is left, within bounded time. */
  async close(outcome: Outcome): Promise<void> {
    await Promise.all(this.#deliveries.map((delivery) => delivery.close(outcome)))
  }

  #keep(track: string, run: string): void {
    this.#kept = this.#kept.map((kept) => (kept.track === track ? { track, run } : kept))
    this.#write()
  }

  #write(): void {
    writeFileAtomic(this.#file, `${JSON.stringify(this.#kept, undefined, 2)}\n`)
  }
}

const readKept = (file: string): KeptTracker[] =>
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as KeptTracker[]) : []

const record = (step: number, scalars: Scalars) => ({ step, time: Date.now(), scalars })

/** @param begin Function that is called when training begins. */
const observing = (delivery: Delivery, begin: () => void): Callback => ({
  onStart: begin,
  onLog: (line) => delivery.add(record(line.step, trainingScalars(line))),
  onValidation: (line) => delivery.add(record(line.step, validationScalars(line))),
})

function trackedRun({ directory, recipe, totalSteps }: PreparedRun): TrackedRun {
  return {
    name: basename(resolve(directory)),
    parameters: Object.fromEntries(parametersOf(recipe)),
    tags: { 'visuomotor.version': version(), 'visuomotor.totalSteps': String(totalSteps) },
  }
}

type Parameter = string | number | boolean | null

/** Values of a recipe by their paths; a list is one value, as JSON. */
export function parametersOf(recipe: Recipe): [string, Parameter][] {
  const pairs = (value: unknown, path: string): [string, Parameter][] => {
    if (value === undefined) return []
    if (value === null || typeof value !== 'object') return [[path, value as Parameter]]
    if (Array.isArray(value)) return [[path, JSON.stringify(value)]]
    return Object.entries(value).flatMap(([key, inner]) => pairs(inner, path === '' ? key : `${path}.${key}`))
  }
  return pairs(recipe, '')
}
