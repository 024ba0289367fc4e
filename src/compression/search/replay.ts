import type { StudyEvent, WorkerIdentity } from './event.ts'
import type { Report, Trial } from './trial.ts'

/** A trial with the worker that had it last. */
export interface TrackedTrial extends Trial {
  readonly worker: WorkerIdentity
  /** Tell a trial whose process has ended in good order before the trial was over. */
  readonly paused: boolean
}

/** A study as its journal tells it. */
export interface StudyState {
  /** Trials by number. */
  readonly trials: readonly TrackedTrial[]
  /** True once the sampler had no more values. */
  readonly exhausted: boolean
}

/** A study in which nothing has happened. */
export const untouched: StudyState = { trials: [], exhausted: false }

/**
 * The state after events in their order. Events about an ended trial, and reports that are known, change nothing.
 * @param before State before the first of them. Default: untouched.
 */
export function replay(events: Iterable<StudyEvent>, before: StudyState = untouched): StudyState {
  const trials = [...before.trials]
  let { exhausted } = before
  for (const event of events) {
    if (event.event === 'exhausted') {
      exhausted = true
      continue
    }
    if (event.event === 'began') trials[event.trial] ??= begun(event)
    const known = trials[event.trial]
    if (known && !isOver(known)) trials[event.trial] = next(known, event)
  }
  return { trials: trials.filter((trial) => trial !== undefined), exhausted }
}

/** Tell a trial that nothing more happens to. */
export const isOver = ({ state }: Trial): boolean => state !== 'running' && state !== 'waiting'

const begun = ({ trial, origin, values, worker }: StudyEvent & { event: 'began' }): TrackedTrial => ({
  number: trial,
  origin,
  values,
  worker,
  state: 'running',
  paused: false,
  reports: [],
  measured: {},
  seconds: 0,
})

function next(trial: TrackedTrial, event: Exclude<StudyEvent, { event: 'exhausted' }>): TrackedTrial {
  switch (event.event) {
    case 'began':
      return trial
    case 'resumed':
      return { ...trial, state: 'running', paused: false, worker: event.worker }
    case 'report':
      return { ...trial, ...reported(trial, event), seconds: event.seconds }
    case 'measured':
      return { ...trial, measured: { ...trial.measured, ...event.measured } }
    case 'paused':
      return { ...trial, state: event.waiting ? 'waiting' : 'running', paused: true, seconds: event.seconds }
    case 'ended':
      return {
        ...trial,
        state: event.state,
        seconds: event.seconds,
        measured: { ...trial.measured, ...event.measured },
        ...(event.reason !== undefined && { reason: event.reason }),
      }
  }
}

/** A resumed trial repeats the validations behind its checkpoint; they are the same and count once. */
function reported({ reports }: Trial, { resource, value }: Report): Pick<Trial, 'reports'> {
  const last = reports.at(-1)
  return { reports: last && resource <= last.resource ? reports : [...reports, { resource, value }] }
}
