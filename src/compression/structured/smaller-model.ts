import { type Shape, sameShape } from '../../core/index.ts'
import type { ModelDescription } from '../../deploy/index.ts'
import { input, type Kept, restore, sameGraph, shrink, substitute, type Tensor } from '../../graph/index.ts'
import { type Families, type Model, type ModelConfig, rangesOf } from '../../models/index.ts'
import { namedParameters } from '../../nn/index.ts'
import { modelOf, numbersOf, withNumber } from './config-trials.ts'
import { graphsOf } from './model-graphs.ts'
import type { KeptOf } from './remove-units.ts'

/**
 * A model without rows and columns of its parameters. Its config says so in its own keys, such as `intermediate_size`,
 * where one of its numbers gives just this model; where none does, the key `pruned` holds what is left.
 *
 * No family is asked which number that is: each is tried, and the model that it gives is compared with the one wanted, the
 * shapes of its parameters first and then its graphs, node by node.
 * @param kept What is left of the parameters, in the shapes that they have now.
 * @param leading The same numbers of positions, the first ones of each set: the graph is the same where no position means
 * more than another, and takes fewer words.
 */
export function smallerModel(
  description: ModelDescription,
  kept: KeptOf,
  leading: KeptOf,
  families?: Families,
): Model {
  const wanted = smallerGraphs(description, kept, families)
  const before = namedParameters(description.model)
  const shapes = new Map([...before].map(([name, { shape }]) => [name, shapeWithout(shape, kept.get(name))]))
  const { pruned: _, ...whole } = description.model.config
  const said = bySayingNumbers(whole, shapes, families)
  for (const config of said === whole ? [whole] : [said, whole])
    for (const places of [leading, kept]) {
      const model = modelOf(
        withPruned(config, shapes, composed(description.model, places), families),
        families,
      )
      if (!model || misfits(model, shapes).length > 0) continue
      if (sameGraph(graphsOf({ ...description, model }, families).outputs, wanted)) return model
    }
  throw new Error('the smaller model does not compute what the model without these units does')
}

/** The graphs without what is removed, from smaller leaves. */
function smallerGraphs(
  description: ModelDescription,
  kept: KeptOf,
  families?: Families,
): Record<string, Tensor> {
  const { outputs } = graphsOf(description, families)
  const leaves = [...namedParameters(description.model)].flatMap(([name, { leaf, shape }]) => {
    const left = kept.get(name)
    if (!left) return []
    const smaller = input(name, shapeWithout(shape, left))
    const restored = [...left].reduce((x, [axis, places]) => restore(x, axis, places, shape[axis]!), smaller)
    return [[leaf, restored] as const]
  })
  return shrink(substitute(outputs, new Map(leaves)))
}

const shapeWithout = (shape: Shape, left: Kept = new Map()): Shape =>
  shape.map((size, axis) => left.get(axis)?.length ?? size)

/** Names of the parameters that a model has otherwise. */
function misfits(model: Model, shapes: ReadonlyMap<string, Shape>): string[] {
  const own = namedParameters(model)
  const names = [...new Set([...own.keys(), ...shapes.keys()])]
  return names.filter((name) => {
    const [has, wanted] = [own.get(name)?.shape, shapes.get(name)]
    return !has || !wanted || !sameShape(has, wanted)
  })
}

/** A config with other numbers, as far as they make its model more alike, and no part of it less. */
function bySayingNumbers(
  config: ModelConfig,
  shapes: ReadonlyMap<string, Shape>,
  families: Families | undefined,
): ModelConfig {
  const model = modelOf(config, families)
  const wrong = model ? misfits(model, shapes) : []
  const parameters = model ? namedParameters(model) : undefined
  const changes = wrong.flatMap((name) => {
    const has = parameters?.get(name)?.shape ?? []
    return has.map((size, axis) => ({ from: size, to: shapes.get(name)?.[axis] ?? size }))
  })
  for (const { path, value } of numbersOf(config))
    for (const to of new Set(changes.flatMap((change) => (change.from === value ? [change.to] : [])))) {
      if (to === value) continue
      const other = withNumber(config, path, to)
      const built = modelOf(other, families)
      const left = built && misfits(built, shapes)
      if (left && left.length < wrong.length && left.every((name) => wrong.includes(name)))
        return bySayingNumbers(other, shapes, families)
    }
  return config
}

/** Positions that are left, counted in the full shapes, also of parameters that have lost some before. */
const composed = (model: Model, places: KeptOf): KeptOf =>
  new Map(
    [...namedParameters(model)].map(([name, { kept }]) => {
      const left = places.get(name) ?? new Map<number, readonly number[]>()
      const axes = [...new Set([...kept.keys(), ...left.keys()])].sort((a, b) => a - b)
      const placesOf = (axis: number) => {
        const [earlier, now] = [kept.get(axis), left.get(axis)]
        return earlier && now ? now.map((place) => earlier[place]!) : (now ?? earlier!)
      }
      return [name, new Map(axes.map((axis) => [axis, placesOf(axis)]))]
    }),
  )

/** A config with what its numbers do not say. */
function withPruned(
  config: ModelConfig,
  shapes: ReadonlyMap<string, Shape>,
  places: KeptOf,
  families: Families | undefined,
): ModelConfig {
  const model = modelOf(config, families)
  const unsaid = [...(model ? namedParameters(model) : [])].flatMap(([name, { fullShape }]) => {
    const axes = [...(places.get(name) ?? [])].filter(
      ([axis]) => fullShape[axis] !== shapes.get(name)?.[axis],
    )
    return axes.length > 0 ? [[name, rangesOf(new Map(axes))] as const] : []
  })
  return unsaid.length > 0 ? { ...config, pruned: Object.fromEntries(unsaid) } : config
}
