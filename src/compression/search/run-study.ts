import { setTimeout } from 'node:timers/promises'
import { ConfigError } from '../../core/index.ts'
import type { StudyEvent, WorkerIdentity } from './event.ts'
import type { Journal } from './journal.ts'
import type { Space, Values } from './parameter.ts'
import type { Pruner, Verdict } from './pruners/index.ts'
import { isOver, type StudyState, type TrackedTrial } from './replay.ts'
import type { Sampler } from './samplers/index.ts'
import type { Objective, Report } from './trial.ts'

/** A trial for a worker to do. */
export interface Work {
  readonly trial: TrackedTrial
  /** True for one that another process, or an earlier one, has begun: it goes on from its checkpoint. */
  readonly resumes: boolean
}

/** Messages of a running trial, and answers to it. */
export interface TrialHooks {
  /** Tell a validation. A trial that may not go on must end, with the state that the verdict names. */
  report(report: Report, seconds: number): Promise<Verdict>
  /** Tell objectives that are known before the end. */
  measured(measured: Readonly<Record<string, number>>): Promise<void>
  /** Fires when the worker is to stop: the trial ends with a checkpoint, as `paused`. */
  readonly signal: AbortSignal | undefined
}

/** End of a trial; `seconds` of its processes in all. */
export type Outcome = { readonly seconds: number } & (
  | { readonly state: 'finished'; readonly measured: Readonly<Record<string, number>> }
  | { readonly state: 'failed'; readonly reason: string }
  | { readonly state: 'stopped' }
  | { readonly state: 'waiting' }
  | { readonly state: 'paused' }
)

/** Function that carries out a trial, to its end or until it may not go on. */
export type RunTrial = (work: Work, hooks: TrialHooks) => Promise<Outcome>

export interface StudyOptions {
  readonly space: Space
  /** The first is the quality, which trials report at their validations. */
  readonly objectives: readonly Objective[]
  readonly seed: number
  readonly sampler: Sampler
  /** Default: no trial is stopped. */
  readonly pruner?: Pruner | undefined
  /** Trials to draw; refused ones do not count. Default: until the sampler has no more, or the signal fires. */
  readonly draws?: number | undefined
  /** The recipe's own values, tried first for comparison. Default: not tried. */
  readonly own?: Values | undefined
  /** Reason why a recipe cannot take these values; undefined where it can. */
  readonly refusal: (values: Values) => string | undefined
  readonly runTrial: RunTrial
  readonly worker: WorkerIdentity
  readonly isAlive: (worker: WorkerIdentity) => boolean
  readonly signal?: AbortSignal | undefined
  /** Receive the state after each trial. */
  readonly onTrial?: (trial: TrackedTrial, state: StudyState) => void
}

/** Number of refused draws in a row at which the space is refused. */
const patience = 200

/** Milliseconds between two looks for work while others have all of it. */
const lookAgain = 500

/**
 * Work on a study until there is nothing left to do or the signal fires. Trials that a dead worker left come first, then
 * those that waited for others, then new ones. All that happens is in the journal before the next thing happens.
 * @returns The state at the end.
 * @throws ConfigError `study/refused` where the recipe refuses 200 draws in a row.
 */
export async function runStudy(journal: Journal, options: StudyOptions): Promise<StudyState> {
  const { signal, onTrial } = options
  while (!signal?.aborted) {
    const next = await journal.transact((state) => nextWork(state, options))
    if (next === 'over') break
    if (next === 'later') {
      await setTimeout(lookAgain, undefined, signal && { signal }).catch(() => {})
      continue
    }
    await carryOut(next, journal, options)
    const state = await journal.read()
    onTrial?.(state.trials.find(({ number }) => number === next.trial.number)!, state)
  }
  return journal.read()
}

async function carryOut(work: Work, journal: Journal, options: StudyOptions): Promise<void> {
  const { number } = work.trial
  const { signal } = options
  let outcome: Outcome = { state: 'paused', seconds: work.trial.seconds }
  try {
    outcome = await options.runTrial(work, {
      report: (report, seconds) => reported(journal, options, number, report, seconds),
      measured: (measured) => add(journal, { event: 'measured', trial: number, measured }),
      signal,
    })
  } finally {
    await add(journal, endOf(number, outcome, options))
  }
}

const add = (journal: Journal, event: StudyEvent): Promise<void> =>
  journal.transact(() => ({ events: [event], result: undefined }))

/** The event of an outcome; a finished trial without a finite number for each objective has failed. */
function endOf(trial: number, outcome: Outcome, { objectives }: StudyOptions): StudyEvent {
  const { seconds } = outcome
  if (outcome.state === 'paused' || outcome.state === 'waiting')
    return { event: 'paused', trial, waiting: outcome.state === 'waiting', seconds }
  const ended = { event: 'ended', trial, seconds, at: now() } as const
  if (outcome.state === 'failed') return { ...ended, state: 'failed', reason: outcome.reason }
  if (outcome.state === 'stopped')
    return { ...ended, state: 'stopped', reason: 'worse than others at its validation' }
  const missing = objectives.find(({ name }) => !Number.isFinite(outcome.measured[name]))
  if (missing === undefined) return { ...ended, state: 'finished', measured: outcome.measured }
  const value = outcome.measured[missing.name]
  const reason =
    value === undefined
      ? `its ${missing.name} was not measured`
      : `its ${missing.name} is ${value}: the training diverged`
  return { ...ended, state: 'failed', reason }
}

/** Write a validation down and judge by it; one that is known already, as after a resumption, has been judged. */
function reported(
  journal: Journal,
  options: StudyOptions,
  number: number,
  report: Report,
  seconds: number,
): Promise<Verdict> {
  return journal.transact((state) => {
    const trial = state.trials.find((trial) => trial.number === number)!
    const isKnown = (trial.reports.at(-1)?.resource ?? Number.NEGATIVE_INFINITY) >= report.resource
    if (isKnown) return { events: [], result: 'go on' as const }
    const grown = { ...trial, reports: [...trial.reports, report], seconds }
    const trials = state.trials.map((other) => (other.number === number ? grown : other))
    const events: StudyEvent[] = [{ event: 'report', trial: number, ...report, seconds }]
    return { events, result: verdictOn(grown, { ...state, trials }, options) }
  })
}

function verdictOn(trial: TrackedTrial, state: StudyState, options: StudyOptions): Verdict {
  if (!options.pruner || trial.origin === 'recipe') return 'go on'
  const draws = state.exhausted ? drawsOf(state).accepted : options.draws
  return options.pruner({ trial, trials: state.trials, objectives: options.objectives, draws })
}

/** Number of draws so far: of all, and of those that were not refused. */
function drawsOf({ trials }: StudyState): { readonly all: number; readonly accepted: number } {
  const drawn = trials.filter(({ origin }) => origin === 'sampler')
  return { all: drawn.length, accepted: drawn.filter(({ state }) => state !== 'refused').length }
}

/** The next trial for this worker; `later` while only others have work, `over` when all is done. */
function nextWork(
  state: StudyState,
  options: StudyOptions,
): { events: StudyEvent[]; result: Work | 'later' | 'over' } {
  const { worker, isAlive } = options
  const resumed = (trial: TrackedTrial): StudyEvent => ({
    event: 'resumed',
    trial: trial.number,
    worker,
    at: now(),
  })
  const left = state.trials.find(
    (trial) => trial.state === 'running' && (trial.paused || !isAlive(trial.worker)),
  )
  if (left) return { events: [resumed(left)], result: { trial: left, resumes: true } }
  const waiting = state.trials.filter((trial) => trial.state === 'waiting')
  const events: StudyEvent[] = []
  for (const trial of waiting) {
    const verdict = verdictOn(trial, state, options)
    if (verdict === 'go on') return { events: [...events, resumed(trial)], result: { trial, resumes: true } }
    if (verdict === 'stop')
      events.push(endOf(trial.number, { state: 'stopped', seconds: trial.seconds }, options))
  }
  if (events.length > 0) return withMore(events, state, options)
  const fresh = begin(state, options)
  if (fresh.result) return { events: fresh.events, result: fresh.result }
  const isIdle = state.trials.every((trial) => isOver(trial) || trial.state === 'waiting')
  const [stuck] = waiting
  // Nobody is left who could come to its rung.
  if (isIdle && stuck)
    return { events: [...fresh.events, resumed(stuck)], result: { trial: stuck, resumes: true } }
  return { events: fresh.events, result: isIdle ? 'over' : 'later' }
}

/** Decide again on the state after events of this decision. */
function withMore(
  events: StudyEvent[],
  state: StudyState,
  options: StudyOptions,
): ReturnType<typeof nextWork> {
  const ended = new Set(events.flatMap((event) => (event.event === 'ended' ? [event.trial] : [])))
  const trials = state.trials.map((trial) =>
    ended.has(trial.number) ? { ...trial, state: 'stopped' as const } : trial,
  )
  const next = nextWork({ ...state, trials }, options)
  return { ...next, events: [...events, ...next.events] }
}

/** A new trial, after those whose values the recipe refuses; without one where no more are wanted. */
function begin(state: StudyState, options: StudyOptions): { events: StudyEvent[]; result: Work | undefined } {
  const { space, objectives, seed, sampler, own, refusal } = options
  const events: StudyEvent[] = []
  let trials = [...state.trials]
  const isOwnTried = trials.some(({ origin }) => origin === 'recipe')
  if (own && !isOwnTried) return started({ ...state, trials }, 'recipe', own, options)
  for (let refused = 0; refused < patience; refused++) {
    const draws = drawsOf({ ...state, trials })
    if (state.exhausted || draws.accepted >= (options.draws ?? Number.POSITIVE_INFINITY))
      return { events, result: undefined }
    const values = sampler({ space, objectives, seed, draw: draws.all, trials })
    if (values === undefined) return { events: [...events, { event: 'exhausted' }], result: undefined }
    const { events: began, result } = started({ ...state, trials }, 'sampler', values, options)
    events.push(...began)
    const reason = refusal(values)
    if (reason === undefined) return { events, result }
    const { number } = result.trial
    events.push({ event: 'ended', trial: number, state: 'refused', reason, seconds: 0, at: now() })
    trials = [...trials, { ...result.trial, state: 'refused', reason }]
  }
  const reason = trials.at(-1)?.reason
  throw new ConfigError(
    'study/refused',
    `the recipe refuses ${patience} draws in a row, the last one because: ${reason}. Make the space narrower, with conditions`,
    { reason },
  )
}

function started(
  { trials }: StudyState,
  origin: 'recipe' | 'sampler',
  values: Values,
  { worker }: StudyOptions,
): { events: StudyEvent[]; result: Work } {
  const number = trials.length
  const trial = { number, origin, values, worker, state: 'running', paused: false } as const
  return {
    events: [{ event: 'began', trial: number, origin, values, worker, at: now() }],
    result: { trial: { ...trial, reports: [], measured: {}, seconds: 0 }, resumes: false },
  }
}

const now = (): string => new Date().toISOString()
