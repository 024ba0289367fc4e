import { refusalWords } from '../../report/index.ts'
import { type Recording, succeeded } from './recording.ts'

/** Outcome of a trial in words: `manipulation ✓ hand 0.8 cm from the thing`. */
export function verdictOf({ task, outcome }: Pick<Recording, 'task' | 'outcome'>): string {
  const mark = succeeded(outcome) ? '✓' : '✗'
  const reason = outcome.refusal && refusalWords(outcome.refusal)
  return `${task} ${mark} ${reason ?? detailsOf(task, outcome.measures)}`
}

function detailsOf(task: Recording['task'], measures: Recording['outcome']['measures']): string {
  const { distance = Number.NaN, overlap = Number.NaN, lifted, reached } = measures
  if (task === 'detection') return `box overlaps ${(100 * overlap).toFixed(0)} %`
  const centimetres = `${(100 * distance).toFixed(1)} cm`
  if (task === 'navigation') return `robot ${centimetres} from its place`
  if (task === 'going') return `robot ${centimetres} from its goal`
  const held = lifted === 0 ? ', never lifted' : ''
  if (task === 'putting' || task === 'pushing') return `thing ${centimetres} from a right place${held}`
  if (task === 'picking') return `thing raised ${(100 * (measures.raised ?? Number.NaN)).toFixed(1)} cm`
  if (task === 'manipulation') return `hand ${centimetres} from the thing`
  if (reached === 0) return `grasp ${centimetres} off, out of reach`
  return `grasp ${centimetres} off, ${lifted === 1 ? 'lifted' : 'not lifted'}`
}
