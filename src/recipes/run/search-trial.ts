import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Outcome, RunTrial, TrialHooks, Work } from '../../compression/index.ts'
import { isRun, runFiles } from '../../core/index.ts'
import { formatDuration, type RunSummary } from '../../report/index.ts'
import { FollowedLog } from './follow-metrics.ts'
import type { ModelCost } from './measure-model.ts'
import { trialDirectory } from './search-directory.ts'
import type { Monitored } from './search-objectives.ts'
import { assignmentsOf } from './search-values.ts'
import { type ChildEnd, TrialProcess } from './trial-process.ts'
import type { Workplace } from './workplace.ts'

/** Settings that the trials of a study have in common. */
export interface TrialSettings {
  /** Directory of the study. */
  readonly directory: string
  /** Words that start our command line in a process of its own: node, its options, the script. */
  readonly command: readonly string[]
  /** The recipe as `train` takes it, and what `--set` changes in it for every trial. */
  readonly recipe: string
  readonly assignments: readonly string[]
  readonly isFile: boolean
  readonly name: string
  readonly monitored: Monitored
  /** Minutes of a trial after which it counts as hanging. */
  readonly trialMinutes: number
  readonly workplace: Workplace
  /** Measure the cost of the model of a run; undefined where no objective needs it. */
  readonly measure?: ((run: string) => Promise<ModelCost>) | undefined
}

/** Milliseconds between two looks at what a trial has written. */
const period = 200

/** Trials as training runs of our command line, each in a process of its own. */
export const trainingTrials =
  (settings: TrialSettings): RunTrial =>
  async (work, hooks) => {
    const run = trialDirectory(settings.directory, work.trial.number)
    mkdirSync(dirname(run), { recursive: true })
    await settings.workplace.endOrphan(work.trial.worker)
    const log = openSync(`${run}.log`, 'a')
    const child = new TrialProcess([...settings.command, ...argumentsOf(settings, work, run)], log)
    closeSync(log)
    settings.workplace.say(child)
    try {
      return await new Follower(settings, work, hooks, run, child).follow()
    } finally {
      await child.end('SIGKILL')
      settings.workplace.say(undefined)
    }
  }

/** The command of a trial: a new run, or the one that is there. Tests are left out: nothing is chosen by them. */
function argumentsOf(
  { recipe, assignments, isFile, name }: TrialSettings,
  { trial }: Work,
  run: string,
): string[] {
  const number = String(trial.number).padStart(4, '0')
  const own = ['tests={}', `name=${name}-${number}`]
  if (isRun(run)) return ['train', ...(isFile ? [recipe] : []), '--resume', '--out', run, '--json']
  const sets = [...assignments, ...assignmentsOf(trial.values), ...own].flatMap((text) => ['--set', text])
  return ['train', recipe, ...sets, '--out', run, '--json']
}

/** Observer of one trial's process, from its start to its end. */
class Follower {
  readonly #settings: TrialSettings
  readonly #work: Work
  readonly #hooks: TrialHooks
  readonly #run: string
  readonly #child: TrialProcess
  readonly #log: FollowedLog
  #told = 0
  #measured: Readonly<Record<string, number>>

  constructor(settings: TrialSettings, work: Work, hooks: TrialHooks, run: string, child: TrialProcess) {
    this.#settings = settings
    this.#work = work
    this.#hooks = hooks
    this.#run = run
    this.#child = child
    this.#log = new FollowedLog(join(run, runFiles.metrics))
    this.#measured = work.trial.measured
  }

  async follow(): Promise<Outcome> {
    const { signal } = this.#hooks
    const limit = this.#settings.trialMinutes * 60
    while (!this.#child.ended) {
      await Promise.race([setTimeout(period), this.#child.end()])
      this.#settings.workplace.obey(this.#child)
      const verdict = await this.#tell()
      if (verdict !== 'go on') {
        await this.#child.end('SIGTERM')
        return { state: verdict === 'stop' ? 'stopped' : 'waiting', seconds: this.#seconds() }
      }
      if (signal?.aborted && !this.#child.ended) {
        await this.#child.end('SIGTERM')
        return { state: 'paused', seconds: this.#seconds() }
      }
      if (this.#seconds() > limit) {
        await this.#child.end('SIGKILL')
        const reason = `not done after ${formatDuration(limit)}: it hangs, or needs a longer --trial-minutes`
        return { state: 'failed', reason, seconds: this.#seconds() }
      }
    }
    return this.#concluded(await this.#child.end())
  }

  #seconds(): number {
    return this.#work.trial.seconds + this.#child.seconds
  }

  /** Tell new validations, and before the first the cost of the model; the first verdict against the trial counts. */
  async #tell() {
    const { monitored, measure } = this.#settings
    const all = this.#log.validations(monitored.metric)
    for (const { epoch, value } of all.slice(this.#told)) {
      this.#told++
      if (measure) await this.#measure(measure)
      const verdict = await this.#hooks.report({ resource: epoch, value }, this.#seconds())
      if (verdict !== 'go on' && !this.#child.ended) return verdict
    }
    return 'go on' as const
  }

  async #measure(measure: NonNullable<TrialSettings['measure']>): Promise<void> {
    if (this.#measured.latency !== undefined) return
    const { workplace } = this.#settings
    const { alone, ...cost } = await workplace.withHalted(this.#child, () =>
      workplace.measureAlone(this.#child, () => measure(this.#run)),
    )
    this.#measured = { ...cost, alone: alone ? 1 : 0 }
    await this.#hooks.measured(this.#measured)
  }

  async #concluded(end: ChildEnd): Promise<Outcome> {
    const seconds = this.#seconds()
    if (end.code === 130) return { state: 'paused', seconds }
    if (end.code !== 0) return { state: 'failed', reason: reasonOf(end, `${this.#run}.log`), seconds }
    await this.#tell()
    const summary = JSON.parse(readFileSync(join(this.#run, runFiles.summary), 'utf8')) as RunSummary
    const { measure } = this.#settings
    if (measure) await this.#measure(measure)
    const quality = summary.best?.value ?? Number.NaN
    const measured = { ...this.#measured, quality, trainingMemory: summary.peakMemoryBytes }
    return { state: 'finished', measured, seconds }
  }
}

/** Reason why a process failed: its error, the signal that ended it, or the last line that it wrote. */
function reasonOf({ code, signal, output }: ChildEnd, log: string): string {
  if (signal) return `its process was ended by ${signal}: by someone, or by the system for want of memory`
  try {
    const { error } = JSON.parse(output) as { error: { code: string; message: string } }
    return `[${error.code}] ${error.message}`
  } catch {
    const last = existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').at(-1) : undefined
    return `its process ended with ${code}${last ? `: ${last}` : ''}`
  }
}
