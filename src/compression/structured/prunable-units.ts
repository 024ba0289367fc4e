import {
  AxisClasses,
  type OpAttributes,
  type Place,
  summedAxes,
  type Tensor,
  topologicalOrder,
  weightsInAnyLayout,
} from '../../graph/index.ts'

/** Positions of an axis of a parameter. */
export interface Part {
  readonly parameter: string
  readonly axis: number
  readonly positions: readonly number[]
}

/** Rows and columns of several parameters that can only be removed together (a group of DepGraph, Fang et al. 2023). */
export type Unit = readonly Part[]

/** Values inside a model that are those of units, before the weights that read them. */
export interface Activation {
  readonly tensor: Tensor
  readonly axis: number
  /** Index of the unit of each position of the axis; undefined for positions of no unit. */
  readonly units: readonly (number | undefined)[]
}

/** Units of one kind at one place, such as the hidden units of an MLP. Any of them can be removed, but not all. */
export interface UnitSet {
  /** Heads have weights of attention of their own; hidden units are all others. */
  readonly kind: 'heads' | 'hidden'
  /** Path of the part of the model that they are in, such as `vision_model.encoder.layers.0.mlp`. */
  readonly path: string
  readonly units: readonly Unit[]
  readonly activations: readonly Activation[]
}

/**
 * The units that can be removed of a graph, found in the graph itself: for each position of each parameter, what stands
 * and falls with it.
 * @param leaves Leaves of the parameters by name, in their stored shapes.
 */
export function prunableUnits(
  outputs: Readonly<Record<string, Tensor>>,
  leaves: ReadonlyMap<string, Tensor>,
): UnitSet[] {
  const graph = Object.values(outputs)
  const nodes = topologicalOrder(graph)
  const own = new Set(leaves.values())
  const weights = weightsInAnyLayout(own, nodes)
  const isWeight = (tensor: Tensor) => weights.has(tensor)
  const fed = nodes.filter(({ op, outputs: [leaf] }) => op === 'input' && !own.has(leaf))
  const present = new Set(nodes)
  const classes = new AxisClasses({
    nodes,
    isWeight,
    fixed: [...graph, ...fed.map(({ outputs: [leaf] }) => leaf)],
    seeds: [...own].filter(({ node }) => present.has(node)),
  })
  const attending = new Set(
    nodes.flatMap(({ op, outputs: [y], attributes }) => {
      if (op !== 'softmax') return []
      const { axis } = attributes as OpAttributes['softmax']
      return y.shape.flatMap((_, other) =>
        other === axis ? [] : classesAlong(classes, { tensor: y, axis: other }),
      )
    }),
  )
  const read = nodes.flatMap((node) =>
    summedAxes(node).filter(({ tensor, weight }) => isWeight(weight) && !isWeight(tensor)),
  )
  return setsOf(unitsByClass(classes, leaves)).map((ids) => ({
    kind: ids.some(({ id }) => attending.has(id)) ? 'heads' : 'hidden',
    path: pathOf(ids[0]!.unit),
    units: ids.map(({ unit }) => unit),
    activations: activationsOf(classes, read, ids),
  }))
}

interface Numbered {
  readonly id: number
  readonly unit: Unit
}

const positionsOf = ({ tensor, axis }: Place): number[] =>
  Array.from({ length: tensor.shape[axis]! }, (_, i) => i)

const classesAlong = (classes: AxisClasses, at: Place): number[] =>
  classes.has(at) ? positionsOf(at).flatMap((i) => classes.classOf(at, i) ?? []) : []

/** The parts of each class that hangs together with more than one of them: what writes a value, and what reads it. */
function unitsByClass(classes: AxisClasses, leaves: ReadonlyMap<string, Tensor>): Numbered[] {
  const units = new Map<number, Map<string, { parameter: string; axis: number; positions: number[] }>>()
  for (const [parameter, tensor] of leaves)
    for (const axis of tensor.shape.keys())
      for (const position of positionsOf({ tensor, axis })) {
        const id = classes.classOf({ tensor, axis }, position)
        if (id === undefined) continue
        const parts = units.get(id) ?? new Map()
        units.set(id, parts)
        const key = `${parameter} ${axis}`
        const part = parts.get(key) ?? { parameter, axis, positions: [] }
        parts.set(key, part)
        part.positions.push(position)
      }
  return [...units].flatMap(([id, parts]) => (parts.size > 1 ? [{ id, unit: [...parts.values()] }] : []))
}

/** Units with parts of the same axes, as many positions of each. One unit alone cannot be removed. */
function setsOf(units: readonly Numbered[]): Numbered[][] {
  const sets = new Map<string, Numbered[]>()
  for (const numbered of units) {
    const key = numbered.unit.map(
      ({ parameter, axis, positions }) => `${parameter} ${axis} ${positions.length}`,
    )
    const set = sets.get(key.join())
    if (set) set.push(numbered)
    else sets.set(key.join(), [numbered])
  }
  return [...sets.values()].filter((set) => set.length > 1)
}

/** The segments that the paths of all its parameters begin with, or the path of the first where they have none. */
function pathOf(unit: Unit): string {
  const paths = unit.map(({ parameter }) => parameter.split('.').slice(0, -1))
  const first = paths[0]!
  const different = first.findIndex((segment, i) => paths.some((path) => path[i] !== segment))
  return (different < 1 ? first : first.slice(0, different)).join('.')
}

function activationsOf(classes: AxisClasses, read: readonly Place[], ids: readonly Numbered[]): Activation[] {
  const numbers = new Map(ids.map(({ id }, i) => [id, i]))
  return read.flatMap(({ tensor, axis }) => {
    const at = { tensor, axis }
    if (!classes.has(at)) return []
    const units = positionsOf(at).map((i) => numbers.get(classes.classOf(at, i) ?? -1))
    return units.some((unit) => unit !== undefined) ? [{ tensor, axis, units }] : []
  })
}
