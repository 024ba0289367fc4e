import { ConfigError, type HostArray, hostArray, random, sameShape } from '../core/index.ts'
import { Arena, type ArenaLayout, arenaLayout, type Engine } from '../engine/index.ts'
import type { Parameter } from '../nn/index.ts'
import type { Optimizer, ParameterGroup } from '../optim/index.ts'

/** All arrays that training changes: one arena each for the values, their gradients and each moment. */
export interface ModelState {
  readonly engine: Engine
  readonly parameters: ReadonlyMap<string, Parameter>
  readonly groups: readonly ParameterGroup[]
  readonly layout: ArenaLayout
  readonly values: Arena
  readonly gradients: Arena
  readonly moments: Readonly<Record<string, Arena>>
  /** Exponential moving average of the values, if the run keeps one. */
  readonly average: Arena | undefined
}

export interface ModelStateOptions {
  readonly engine: Engine
  readonly parameters: ReadonlyMap<string, Parameter>
  readonly groups: readonly ParameterGroup[]
  readonly optimizer: Optimizer
  readonly seed: number
  readonly average: boolean
  /** Initial values by name; the others are drawn. Default: all are drawn. */
  readonly values?: ReadonlyMap<string, HostArray>
}

/**
 * A fresh state: values as given, or drawn by each parameter's initializer from its own stream; moments zero.
 * @throws ConfigError `training/initial-values` for values of another shape, or of a parameter that is not there.
 */
export async function createModelState(options: ModelStateOptions): Promise<ModelState> {
  const { engine, parameters, groups, optimizer, seed } = options
  const layout = arenaLayout(
    groups.map(({ names }) => names.map((name) => ({ name, shape: parameters.get(name)!.shape }))),
  )
  const arena = () => Arena.create(engine, layout)
  const values = await arena()
  const given = options.values ?? new Map<string, HostArray>()
  requireFitting(given, parameters)
  const initial = [...parameters].map(([name, { shape, initialize }]) => {
    const value = given.get(name)
    if (value) return [name, value] as const
    const data = initialize(shape, random(seed, 'initialize', name))
    return [name, hostArray('float32', shape, data)] as const
  })
  await values.write(new Map(initial))
  const moments: Record<string, Arena> = {}
  for (const name of optimizer.moments) moments[name] = await arena()
  const average = options.average ? await arena() : undefined
  await average?.write(new Map(initial))
  return { engine, parameters, groups, layout, values, gradients: await arena(), moments, average }
}

function requireFitting(
  values: ReadonlyMap<string, HostArray>,
  parameters: ReadonlyMap<string, Parameter>,
): void {
  for (const [name, { shape }] of values) {
    const needed = parameters.get(name)?.shape
    if (needed && sameShape(needed, shape)) continue
    throw new ConfigError(
      'training/initial-values',
      `values to begin with: '${name}' has shape [${shape}], ` +
        (needed ? `the model needs [${needed}]` : 'but the model has no such parameter'),
      { name, shape, needed },
    )
  }
}
