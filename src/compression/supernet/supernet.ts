import { ConfigError, type Random } from '../../core/index.ts'
import type { Bundle, ModelDescription } from '../../deploy/index.ts'
import { buildModel, type Families, type Model, type Recompute } from '../../models/index.ts'
import { namedParameters } from '../../nn/index.ts'
import { matchPattern } from '../../optim/index.ts'
import { drawUniformly, type Space, type Values } from '../search/index.ts'
import { type LayerStack, removableStacks, withoutLayers } from '../structured/layer-stacks.ts'
import { graphsOf } from '../structured/model-graphs.ts'
import { prunableUnits, type UnitSet } from '../structured/prunable-units.ts'
import { withoutSomeLayers } from '../structured/prune-layers.ts'
import { withoutSome } from '../structured/prune-units.ts'
import { withoutUnits } from '../structured/remove-units.ts'
import {
  type ElasticKind,
  type ElasticPart,
  elasticParts,
  largestOf,
  type Parts,
  supernetSpace,
} from './parts.ts'

/** Options of a {@link Supernet}. */
export interface SupernetOptions {
  readonly families?: Families | undefined
  readonly recompute?: Recompute
}

/** The units that a sub-network has of a set or a stack: the first ones. */
export const unitsLeft = (share: number, of: number): number => Math.max(1, Math.round(share * of))

/**
 * A model whose parts are networks too (Once-for-All, Cai et al. 2020; AutoFormer, Chen et al. 2021): a sub-network has the
 * first hidden units, heads and layers of each part and reads the same weights. What makes a unit is found in the model's
 * graphs, as for structured pruning.
 *
 * A sub-network is named by values: for each pattern and kind the share of the units that it has.
 */
export class Supernet {
  /** All sub-networks, as a space of choices at paths `<pattern>/<kind>`. */
  readonly space: Space
  readonly largest: Values
  readonly smallest: Values
  readonly #description: ModelDescription
  readonly #options: SupernetOptions
  readonly #stacks: readonly LayerStack[]
  readonly #sets: readonly UnitSet[]
  /** Path of the value that sizes a place, by kind and path of the place. */
  readonly #places: ReadonlyMap<string, string>

  /**
   * @throws ConfigError `optim/pattern` for a pattern that matches nothing, `compression/nothing-to-remove` for a kind that the
   * model has nowhere, `compression/supernet` for a part that two patterns name.
   */
  constructor(description: ModelDescription, parts: Parts, options: SupernetOptions = {}) {
    this.#description = description
    this.#options = options
    const named = elasticParts(parts)
    const has = (kind: ElasticKind) => named.some((part) => part.kind === kind)
    this.#stacks = has('layers') ? removableStacks(description, options.families) : []
    this.#sets = has('hidden') || has('heads') ? unitsOf(description, options.families) : []
    this.#places = placesOf(named, this.#stacks, this.#sets)
    this.space = supernetSpace(parts)
    this.largest = largestOf(parts)
    this.smallest = Object.fromEntries(named.map(({ path, shares }) => [path, Math.min(...shares)]))
  }

  /** Draw a sub-network, each value of each part with equal probability. */
  draw(stream: Random): Values {
    return drawUniformly(this.space, stream)
  }

  /**
   * A sub-network over the parameters of the whole: their names and shapes are the same, those of layers that it does not
   * have are missing, and its layers read the first units only. Gradients are zero elsewhere.
   */
  model(values: Values): Model {
    const { families, recompute = false } = this.#options
    let { config } = this.#description.model
    this.#layersGone(values).forEach((indices, i) => {
      config = withoutLayers(config, this.#stacks[i]!, new Set(indices))
    })
    const model = buildModel(config, { families, recompute })
    const parameters = namedParameters(model)
    const whole = namedParameters(this.#description.model)
    const gone = this.#gone(this.#sets, values).flatMap((units, i) =>
      units.map((unit) => this.#sets[i]!.units[unit]!),
    )
    for (const [name, places] of withoutUnits(gone, (name) => whole.get(name)!.shape))
      parameters.get(name)?.narrow(places)
    return model
  }

  /** A sub-network on its own, with its part of the whole's weights. */
  bundle(values: Values, whole: Bundle): Bundle {
    const { families } = this.#options
    const removed = this.#layersGone(values)
    const isShorter = removed.some((indices) => indices.length > 0)
    const shorter = isShorter ? withoutSomeLayers(whole, this.#stacks, removed, families) : whole
    const sets = isShorter ? unitsOf(shorter, families) : this.#sets
    const gone = this.#gone(sets, values)
    return gone.some((units) => units.length > 0) ? withoutSome(shorter, sets, gone, families) : shorter
  }

  /** Indices of the layers of each stack that a sub-network does not have. */
  #layersGone(values: Values): number[][] {
    return this.#stacks.map(({ path, depth }) => trailing(this.#left('layers', path, depth, values), depth))
  }

  /** Indices of the units of each set that a sub-network does not have. */
  #gone(sets: readonly UnitSet[], values: Values): number[][] {
    return sets.map(({ kind, path, units }) =>
      trailing(this.#left(kind, path, units.length, values), units.length),
    )
  }

  #left(kind: ElasticKind, place: string, count: number, values: Values): number {
    const path = this.#places.get(`${kind} ${place}`)
    return path === undefined ? count : unitsLeft(values[path] as number, count)
  }
}

const trailing = (left: number, count: number): number[] =>
  Array.from({ length: count - left }, (_, i) => left + i)

function unitsOf(description: ModelDescription, families: Families | undefined): UnitSet[] {
  const { outputs } = graphsOf(description, families)
  const leaves = new Map([...namedParameters(description.model)].map(([name, { leaf }]) => [name, leaf]))
  return prunableUnits(outputs, leaves)
}

/** The path of the value that sizes each place. */
function placesOf(
  parts: readonly ElasticPart[],
  stacks: readonly LayerStack[],
  sets: readonly UnitSet[],
): Map<string, string> {
  const found = new Map<string, string>()
  for (const { pattern, kind, path } of parts) {
    const places =
      kind === 'layers'
        ? stacks.map((stack) => stack.path)
        : sets.flatMap((set) => (set.kind === kind ? [set.path] : []))
    if (places.length === 0)
      throw new ConfigError(
        'compression/nothing-to-remove',
        `supernet: this model has no ${kind} that a sub-network could have less of. Leave '${kind}' out`,
        { kind },
      )
    for (const place of new Set(matchPattern(pattern, places, `place with ${kind}`))) {
      const key = `${kind} ${place}`
      const other = found.get(key)
      if (other !== undefined)
        throw new ConfigError(
          'compression/supernet',
          `supernet: the ${kind} of ${place} are sized by ${other} and by ${path}. Let one pattern match them`,
          { place, kind },
        )
      found.set(key, path)
    }
  }
  return found
}
