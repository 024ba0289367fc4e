import { type Random, random } from '../../../core/index.ts'
import {
  codeOf,
  countOf,
  drawFrom,
  type Parameter,
  scaleOf,
  type Value,
  type Values,
  valueAt,
} from '../parameter.ts'
import { drawAll } from '../space.ts'
import { judged, type Question, ranked, type Sampler } from './sampler.ts'

/** Size of the population, and number of its members of which the best becomes a parent. */
export interface EvolutionOptions {
  readonly population?: number
  readonly tournament?: number
}

/**
 * Regularized evolution (Real et al. 2019): the population is the latest `population` trials, so that each dies of age,
 * however good it is; of `tournament` members drawn at random the best has a child with one mutation. Before there is
 * a population, trials are drawn at random.
 *
 * A mutation of a choice is any other value. The paper has choices only; a range moves by a normal step with a deviation
 * of a fifth of its width, and at least to the next of its steps. Parameters that exist only after the mutation are drawn.
 * @param options Defaults 20 and 5: the paper's 100 and 25 are for thousands of trials.
 */
export function evolutionSampler({ population = 20, tournament = 5 }: EvolutionOptions = {}): Sampler {
  return (question) => {
    const { space, seed, draw } = question
    const stream = (...path: readonly string[]) => random(seed, 'search', 'evolution', draw, ...path)
    const alive = judged(question).slice(-population)
    if (alive.length < population)
      return drawAll(space, (path, parameter) => drawFrom(parameter, stream(path)))
    const rivals = stream('tournament').shuffle(alive).slice(0, tournament)
    const [parent] = ranked({ ...question, trials: rivals }, 1)
    return child(question, parent!.values, stream)
  }
}

function child({ space }: Question, parent: Values, stream: (...path: string[]) => Random): Values {
  const movable = Object.keys(parent).filter((path) => {
    const parameter = space[path]
    return parameter !== undefined && countOf(parameter) > 1
  })
  const mutated = movable.length > 0 ? stream('path').pick(movable) : undefined
  return drawAll(space, (path, parameter) => {
    const value = Object.hasOwn(parent, path) ? parent[path]! : undefined
    if (value === undefined || codeOf(parameter, value) === undefined)
      return drawFrom(parameter, stream('new', path))
    return path === mutated ? mutation(parameter, value, stream('value')) : value
  })
}

function mutation(parameter: Parameter, value: Value, stream: Random): Value {
  const code = codeOf(parameter, value)!
  if (parameter.kind === 'choice') {
    const other = stream.integer(parameter.values.length - 1)
    return parameter.values[other < code ? other : other + 1]!
  }
  const { low, high, to, from } = scaleOf(parameter)
  for (let tries = 0; tries < 20; tries++) {
    const position = to(code) + stream.normal(0, (high - low) / 5)
    const moved = valueAt(parameter, from(Math.min(high, Math.max(low, position))))
    if (moved !== value) return moved
  }
  return drawFrom(parameter, stream)
}
