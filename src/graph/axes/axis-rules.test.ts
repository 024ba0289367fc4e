import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { opSamples } from '../../../test/gradients/op-samples.ts'
import { evaluate } from '../../../test/support/evaluate.ts'
import { float32, type HostArray } from '../../core/index.ts'
import { restore } from '../functions/restore.ts'
import { shrink } from '../shrink.ts'
import { input, type Tensor } from '../tensor.ts'
import { topologicalOrder } from '../traverse.ts'
import { AxisClasses } from './axis-classes.ts'

type Left = ReadonlyMap<number, readonly number[]>

const count = (size: number) => Array.from({ length: size }, (_, i) => i)

/** Positions that are left of a tensor without one class, of the axes that have it. */
function leftOf(tensor: Tensor, classes: AxisClasses, id: number): Left {
  const axes = tensor.shape.map((size, axis) => {
    const places = count(size).filter((position) => classes.classOf({ tensor, axis }, position) !== id)
    return [axis, places] as const
  })
  return new Map(axes.filter(([axis, places]) => places.length < tensor.shape[axis]!))
}

function taken({ shape, dtype, data }: HostArray, left: Left): HostArray {
  const places = shape.map((size, axis) => left.get(axis) ?? count(size))
  const offsets = places.reduce<number[]>(
    (found, axisPlaces, axis) =>
      found.flatMap((offset) => axisPlaces.map((place) => offset * shape[axis]! + place)),
    [0],
  )
  const values = data.slice(0, offsets.length)
  offsets.forEach((offset, i) => {
    values[i] = data[offset]!
  })
  return { dtype, shape: places.map(({ length }) => length), data: values } as HostArray
}

const restored = (name: string, { shape, dtype }: HostArray, left: Left): Tensor =>
  [...left].reduce(
    (x, [axis, places]) => restore(x, axis, places, shape[axis]!),
    input(
      name,
      shape.map((size, axis) => left.get(axis)?.length ?? size),
      dtype,
    ),
  )

/** Sums over one axis, by weights that are zero where positions are gone. */
function read(y: Tensor, axis: number, places: readonly number[]): Tensor {
  const others = count(y.rank).filter((other) => other !== axis)
  const weight = restore(input('weight', [places.length, 2]), 0, places, y.shape[axis]!)
  return y
    .cast('float32')
    .transpose([...others, axis])
    .reshape([-1, y.shape[axis]!])
    .matmul(weight)
}

describe('what is left of an output does not depend on what a class of positions loses', () => {
  it.each(Object.entries(opSamples))('%s', async (_, samples) => {
    const property = fc.asyncProperty(
      samples as (typeof opSamples)['add'],
      fc.nat(),
      async ({ inputs, build }, pick) => {
        const leaves = inputs.map(({ shape, dtype }, i) => input(`x${i}`, shape, dtype))
        const y = [build(leaves)].flat()[0]!
        const nodes = topologicalOrder([y])
        const classes = new AxisClasses({ nodes, fixed: [], seeds: leaves, isWeight: () => false })
        const ids = y.shape.flatMap((size, axis) =>
          count(size).flatMap((position) => classes.classOf({ tensor: y, axis }, position) ?? []),
        )
        const id = ids[pick % ids.length]
        const [along, ...more] = id === undefined ? [] : leftOf(y, classes, id)
        if (id === undefined || !along || more.length > 0) return
        const left = leaves.map((leaf) => leftOf(leaf, classes, id))
        if ([along, ...left.flatMap((axes) => [...axes])].some(([, places]) => places.length === 0)) return
        const weight = float32(
          [along[1].length, 2],
          count(2 * along[1].length).map((i) => Math.cos(i)),
        )
        const fed = Object.fromEntries(inputs.map((array, i) => [`x${i}`, array]))
        const small = Object.fromEntries(inputs.map((array, i) => [`x${i}`, taken(array, left[i]!)]))
        const [from] = [build(inputs.map((array, i) => restored(`x${i}`, array, left[i]!)))].flat()
        const full = await evaluate({ z: read(y, ...along) }, { ...fed, weight })
        const graph = shrink({ z: read(from!, ...along) })
        const found = await evaluate(graph, { ...small, weight })
        expect(found.z).toEqual(full.z!.map((value) => expect.closeTo(value, 4)))
      },
    )
    await fc.assert(property, { seed: 23, numRuns: 25 })
  })
})
