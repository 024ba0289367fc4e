import { expect } from 'vitest'
import {
  type HostArray,
  type Random,
  random,
  type Shape,
  sizeOf,
  float32 as wrap,
} from '../../src/core/index.ts'
import { gradientsOf, input, type Tensor } from '../../src/graph/index.ts'
import { Evaluation } from '../support/evaluate.ts'

/** A computation and where to differentiate it. */
export interface Sample {
  /** Those of float32 are varied, the others are data. */
  readonly inputs: readonly HostArray[]
  readonly build: (inputs: readonly Tensor[]) => Tensor | readonly Tensor[]
}

/** Large against the rounding of float32 (6e-8), small against the curvature of what is tested. */
const step = 1 / 64

/**
 * Compare the gradients of Σ yₖ·uₖ, u random, with a central difference of fourth order along a random direction
 * v through all inputs at once: (8·[f(h) − f(−h)] − [f(2h) − f(−2h)]) / 12h with f(h) = Σ y(x + h·v)·u.
 *
 * Inputs must keep kinks (|x|, max) at least 2h away.
 */
export async function checkGradient({ inputs, build }: Sample): Promise<void> {
  const leaves = inputs.map(({ shape, dtype }, i) => input(`x${i}`, shape, dtype))
  const ys = [build(leaves)].flat()
  const varied = leaves.filter(({ dtype }) => dtype === 'float32')
  const flowing = ys.map((y, k) => ({ y, dy: input(`u${k}`, y.shape) }))
  const gradients = gradientsOf(flowing, varied)
  const numbered = (role: string, tensors: readonly Tensor[]) =>
    tensors.map((tensor, i) => [`${role}${i}`, tensor] as const)
  const evaluation = await Evaluation.create(
    Object.fromEntries([...numbered('y', ys), ...numbered('g', gradients)]),
  )

  const stream = random(7, 'directions')
  const upstreams = ys.map(({ shape }) => uniform(shape, stream))
  const directions = inputs.map(({ shape }) => uniform(shape, stream).data)
  const at = (distance: number) =>
    evaluation.run({
      ...feeds('u', upstreams),
      ...feeds(
        'x',
        inputs.map((array, i) => moved(array, directions[i]!, distance)),
      ),
    })
  const objective = (results: Record<string, number[]>) =>
    total(ys.map((_, k) => dot(results[`y${k}`]!, upstreams[k]!.data)))

  try {
    const here = await at(0)
    const slope = async (distance: number) => objective(await at(distance)) - objective(await at(-distance))
    const numeric = (8 * (await slope(step)) - (await slope(2 * step))) / (12 * step)
    const terms = varied.flatMap((leaf, i) => products(here[`g${i}`]!, directions[leaves.indexOf(leaf)]!))
    const values = ys.flatMap((_, k) => products(here[`y${k}`]!, upstreams[k]!.data))
    // Curvature and the sum's own rounding, and the rounding of the values that the step magnifies.
    const allowed = 2e-3 * magnitude(terms) + 5e-5 * magnitude(values) + 1e-6
    expect(Math.abs(total(terms) - numeric), `${total(terms)} against ${numeric}`).toBeLessThan(allowed)
  } finally {
    await evaluation.release()
  }
}

/** Numbers in [−1, 1]. */
function uniform(shape: Shape, stream: Random): HostArray<'float32'> {
  return wrap(
    shape,
    Array.from({ length: sizeOf(shape) }, () => stream.uniform(-1, 1)),
  )
}

function moved(array: HostArray, direction: Float32Array, distance: number): HostArray {
  if (array.dtype !== 'float32') return array
  return wrap(
    array.shape,
    (array.data as Float32Array).map((value, i) => value + distance * direction[i]!),
  )
}

const feeds = (role: string, arrays: readonly HostArray[]) =>
  Object.fromEntries(arrays.map((array, i) => [`${role}${i}`, array]))

const products = (a: readonly number[], b: Float32Array) => a.map((value, i) => value * b[i]!)
const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0)
const magnitude = (values: readonly number[]) => total(values.map(Math.abs))
const dot = (a: readonly number[], b: Float32Array) => total(products(a, b))
