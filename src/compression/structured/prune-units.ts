import type { Bundle } from '../../deploy/index.ts'
import type { Families } from '../../models/index.ts'
import { namedParameters } from '../../nn/index.ts'
import { graphsOf, type ModelGraphs } from './model-graphs.ts'
import { prunableUnits, type UnitSet } from './prunable-units.ts'
import { keptWeights, withoutUnits } from './remove-units.ts'
import { smallerModel } from './smaller-model.ts'

/** The units of a model, and the graphs that they were found in. */
export interface FoundUnits {
  readonly graphs: ModelGraphs
  readonly sets: readonly UnitSet[]
}

/** Find what can be removed of a model: heads and hidden units. */
export function findUnits(bundle: Bundle, families?: Families): FoundUnits {
  const graphs = graphsOf(bundle, families)
  const leaves = new Map([...namedParameters(bundle.model)].map(([name, { leaf }]) => [name, leaf]))
  return { graphs, sets: prunableUnits(graphs.outputs, leaves) }
}

/**
 * A model without some of its units.
 * @param removed Indices of the units by set.
 */
export function withoutSome(
  bundle: Bundle,
  sets: readonly UnitSet[],
  removed: readonly (readonly number[])[],
  families?: Families,
): Bundle {
  const parameters = namedParameters(bundle.model)
  const shapeOf = (name: string) => parameters.get(name)!.shape
  const chosen = sets.flatMap(({ units }, set) => removed[set]!.map((index) => units[index]!))
  const last = sets.flatMap(({ units }, set) => units.slice(units.length - removed[set]!.length))
  const kept = withoutUnits(chosen, shapeOf)
  const model = smallerModel(bundle, kept, withoutUnits(last, shapeOf), families)
  const { tokenizer, image, dtype } = bundle
  return { model, tokenizer, image, weights: keptWeights(bundle.weights, kept), ...(dtype && { dtype }) }
}
