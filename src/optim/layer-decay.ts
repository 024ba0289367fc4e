import { ConfigError, type Shape } from '../core/index.ts'
import { type ParameterRule, parameterGroups } from './parameter-groups.ts'

/** A path within a stack of layers: the path before them, and the layer's number from 0. */
const layerPath = /^(.+?)\.(?:encoder\.)?layers?\.(\d+)\./

/**
 * Layer-wise learning-rate decay (Bao et al. 2022, BEiT), as rules to add to those of a run: the rate of each parameter
 * of a tower with L layers is multiplied by
 *
 *     decay^(L + 1 − i)   in layer i = 1 … L
 *     decay^(L + 1)       before the layers: embeddings and the norm behind them
 *     1                   after them, and outside of towers
 *
 * A tower is a path with embeddings and layers: `vision_model`, `text_model`. The factors multiply those of `rules`.
 *
 * @param parameters Parameters of the model, in its order.
 * @param decay In (0, 1].
 * @param rules Rules of the run; the result contains them.
 * @throws ConfigError `optim/no-layers` for a model without a tower that has layers, and the errors of
 * {@link parameterGroups}.
 */
export function layerDecayRules(
  parameters: readonly { readonly name: string; readonly shape: Shape }[],
  decay: number,
  rules: readonly ParameterRule[] = [],
): ParameterRule[] {
  const names = parameters.map(({ name }) => name)
  const factors = new Map(towersOf(names).flatMap((tower) => factorsOf(tower, names, decay)))
  if (factors.size === 0) {
    throw new ConfigError(
      'optim/no-layers',
      'layerDecay is for models with towers of layers (<tower>.embeddings.* and <tower>.encoder.layers.<number>.*), and ' +
        'this one has none. Set learning rates by parameters',
      { decay },
    )
  }
  const scaled = parameterGroups(parameters, rules).flatMap(({ names, learningRate }) =>
    names.flatMap((name): ParameterRule[] => {
      const factor = factors.get(name)
      return factor === undefined ? [] : [{ pattern: name, learningRate: learningRate * factor }]
    }),
  )
  return [...rules, ...scaled]
}

/** Paths that have both embeddings and layers. */
function towersOf(names: readonly string[]): string[] {
  const stacks = new Set(names.flatMap((name) => layerPath.exec(name)?.[1] ?? []))
  return [...stacks].filter((stack) => names.some((name) => name.startsWith(`${stack}.embeddings.`)))
}

/** The factors of a tower's parameters, without those that stand after its layers. */
function factorsOf(tower: string, names: readonly string[], decay: number): [name: string, factor: number][] {
  const own = names.filter((name) => name.startsWith(`${tower}.`))
  const numbers = own.map((name) => {
    const found = layerPath.exec(name)
    return found?.[1] === tower ? Number(found[2]) + 1 : undefined
  })
  const depth = Math.max(...numbers.map((number) => number ?? 0))
  const first = numbers.findIndex((number) => number !== undefined)
  return own.flatMap((name, place): [string, number][] => {
    const layer = numbers[place] ?? (place < first ? 0 : undefined)
    return layer === undefined ? [] : [[name, decay ** (depth + 1 - layer)]]
  })
}
