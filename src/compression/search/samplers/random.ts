import { type Random, random } from '../../../core/index.ts'
import { drawFrom, type Space, type Values } from '../parameter.ts'
import { drawAll } from '../space.ts'
import type { Sampler } from './sampler.ts'

/** Every draw is independent (Bergstra & Bengio 2012); the n-th draw is the same whatever else runs. */
export const randomSampler =
  (): Sampler =>
  ({ space, seed, draw }) =>
    drawAll(space, (path, parameter) => drawFrom(parameter, random(seed, 'search', 'random', draw, path)))

/** One draw of a whole trial from a stream. */
export const drawUniformly = (space: Space, stream: Random): Values =>
  drawAll(space, (_, parameter) => drawFrom(parameter, stream))
