import { ConfigError, random } from '../../../core/index.ts'
import { listOf, type Space, type Value, type Values } from '../parameter.ts'
import { exists } from '../space.ts'
import type { Sampler } from './sampler.ts'

/** Most points of a grid. */
const most = 100_000

/**
 * Every combination once, in an order shuffled by the seed, so that a study that ends early has seen all parts of it.
 * @throws ConfigError `study/space` for a range without steps, and for more than 100,000 combinations.
 */
export function gridSampler(space: Space): Sampler {
  const points = pointsOf(space)
  return ({ seed, draw }) =>
    draw < points.length ? random(seed, 'search', 'grid').shuffle(points)[draw] : undefined
}

function pointsOf(space: Space): Values[] {
  let points: Record<string, Value>[] = [{}]
  for (const [path, parameter] of Object.entries(space)) {
    const values = listOf(parameter)
    if (values === undefined)
      throw refusal(
        `${path}: a grid needs values that can be listed: give the range a step, or name a choice`,
        path,
      )
    points = points.flatMap((point) =>
      exists(parameter, point) ? values.map((value) => ({ ...point, [path]: value })) : [point],
    )
    if (points.length > most)
      throw refusal(
        `this grid has more than ${most} combinations: search it with another sampler, such as tpe`,
        path,
      )
  }
  return points
}

const refusal = (message: string, path: string): ConfigError =>
  new ConfigError('study/space', message, { path })
