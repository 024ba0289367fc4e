import { type Random, type Shape, sizeOf } from '../core/index.ts'

/** A function that draws the first values of a parameter. */
export type Initializer = (shape: Shape, random: Random) => Float32Array

/** All elements equal. */
export const filled =
  (value: number): Initializer =>
  (shape) =>
    new Float32Array(sizeOf(shape)).fill(value)

export const zerosInit: Initializer = filled(0)
export const onesInit: Initializer = filled(1)

/** Independent numbers, uniform within ±bound. */
export const uniformInit =
  (bound: number): Initializer =>
  (shape, random) =>
    Float32Array.from({ length: sizeOf(shape) }, () => random.uniform(-bound, bound))

/** Independent Gaussians of mean 0. */
export const normalInit =
  (deviation: number): Initializer =>
  (shape, random) => {
    const values = new Float32Array(sizeOf(shape))
    for (let i = 0; i < values.length; i++) values[i] = random.normal(0, deviation)
    return values
  }
