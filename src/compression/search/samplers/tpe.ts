import { type Random, random } from '../../../core/index.ts'
import { codeOf, countOf, drawFrom, type Space, type Value, type Values } from '../parameter.ts'
import { drawAll, unconditional } from '../space.ts'
import type { Trial } from '../trial.ts'
import { type Kernels, kernelsOf, pickBy } from './parzen.ts'
import { judged, type Question, ranked, type Sampler } from './sampler.ts'

/** Settings of TPE; the defaults are Optuna's. */
export interface TpeOptions {
  /** Trials drawn at random before the first that is not. Default 10. */
  readonly startup?: number
  /** Number of draws from the good density of which the best is taken. Default 24. */
  readonly candidates?: number
}

/**
 * Tree-structured Parzen estimator (Bergstra et al. 2011): a tenth of the trials, at most 25, are the good ones, l(x) is
 * the density of their values and g(x) that of all others; of `candidates` draws from l the one with the largest
 * l(x)/g(x) is next. With one objective the parameters that every trial has are drawn together (the multivariate form
 * of Falkner et al. 2018), conditional ones each for itself among the trials that have it; with several objectives all
 * are drawn each for itself and the good trials are those of the best nondomination ranks, the last of them chosen by
 * hypervolume (Ozaki et al. 2022). This is what Optuna does by default. Trials that run now count as not good, so that
 * workers who share a study do not all try one place (constant liar).
 */
export function tpeSampler({ startup = 10, candidates = 24 }: TpeOptions = {}): Sampler {
  return (question) => {
    const { space, seed, draw, objectives } = question
    const stream = (path: string) => random(seed, 'search', 'tpe', draw, path)
    if (judged(question).length < startup)
      return drawAll(space, (path, parameter) => drawFrom(parameter, stream(path)))
    const groups = split(question)
    const always = unconditional(space).filter((path) => countOf(space[path]!) > 1)
    const together =
      objectives.length === 1 && always.length > 0 ? best(space, always, groups, candidates, stream('')) : {}
    return drawAll(
      space,
      (path) => together[path] ?? best(space, [path], groups, candidates, stream(path))[path]!,
    )
  }
}

/** Good trials and the others, each in the order of their numbers. */
interface Groups {
  readonly good: readonly Trial[]
  readonly others: readonly Trial[]
}

function split(question: Question): Groups {
  const known = judged(question)
  const running = question.trials.filter(({ state }) => state === 'running' || state === 'waiting')
  const tenth = Math.ceil(known.length / 10)
  const count = question.objectives.length === 1 ? Math.min(tenth, 25) : tenth
  const numbers = new Set(ranked(question, count).map(({ number }) => number))
  const isGood = ({ number }: Trial) => numbers.has(number)
  const all = [...known, ...running].sort((a, b) => a.number - b.number)
  return { good: all.filter(isGood), others: all.filter((trial) => !isGood(trial)) }
}

/** The likeliest of some draws from the density of the good trials, against that of the others. */
function best(
  space: Space,
  paths: readonly string[],
  { good, others }: Groups,
  candidates: number,
  stream: Random,
): Record<string, Value> {
  const [below, above] = [densityOf(space, paths, good), densityOf(space, paths, others)]
  let found: Record<string, Value> | undefined
  let highest = Number.NEGATIVE_INFINITY
  for (let i = 0; i < candidates; i++) {
    const values = below.draw(stream)
    const gain = below.logDensity(values) - above.logDensity(values)
    if (found === undefined || gain > highest) [found, highest] = [values, gain]
  }
  return found!
}

export interface Density {
  draw(stream: Random): Record<string, Value>
  logDensity(values: Values): number
}

/** Mixture over the trials that have all paths, and the prior. */
export function densityOf(space: Space, paths: readonly string[], trials: readonly Trial[]): Density {
  const rows = trials.flatMap(({ values }) => {
    const codes = paths.map((path) =>
      Object.hasOwn(values, path) ? codeOf(space[path]!, values[path]!) : undefined,
    )
    return codes.every((code) => code !== undefined) ? [codes] : []
  })
  const kernels = paths.map(
    (path, column): Kernels =>
      kernelsOf(
        space[path]!,
        rows.map((row) => row[column]!),
      ),
  )
  const weights = weightsOf(rows.length)
  const logWeights = weights.map(Math.log)
  return {
    draw(stream) {
      const kernel = pickBy(weights, stream)
      return Object.fromEntries(paths.map((path, i) => [path, kernels[i]!.draw(kernel, stream)]))
    },
    logDensity(values) {
      const logs = logWeights.slice()
      for (const [i, path] of paths.entries()) kernels[i]!.addLogDensities(values[path]!, logs)
      const highest = logs.reduce((most, log) => Math.max(most, log), Number.NEGATIVE_INFINITY)
      return highest + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - highest), 0))
    },
  }
}

/** Weights of observations and prior, summing to 1: the latest 25 count fully, those before in a ramp from 1/n. */
function weightsOf(count: number): Float64Array {
  const early = count - 25
  const weights = Float64Array.from({ length: count + 1 }, (_, i) => {
    if (i >= early || i === count) return 1
    return early === 1 ? 1 / count : 1 / count + ((1 - 1 / count) * i) / (early - 1)
  })
  const sum = weights.reduce((a, b) => a + b)
  return weights.map((weight) => weight / sum)
}
