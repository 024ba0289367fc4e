import { ConfigError, type HostArray, hostArray, random, sameShape } from '../core/index.ts'
import { Arena, type ArenaLayout, arenaLayout, type Engine } from '../engine/index.ts'
import type { Parameter } from '../nn/index.ts'
import type { Optimizer, ParameterGroup } from '../optim/index.ts'

/**
 * All arrays that training changes: one arena each for the values, their gradients and each moment. Only the values have
 * the frozen groups; gradients, moments and average have the groups that are trained now.
 */
export interface ModelState {
  readonly engine: Engine
  readonly parameters: ReadonlyMap<string, Parameter>
  readonly groups: readonly ParameterGroup[]
  readonly layout: ArenaLayout
  readonly values: Arena
  readonly gradients: Arena
  readonly moments: Readonly<Record<string, Arena>>
  /** Exponential moving average of the values, if the run keeps one; the values stand for it in frozen groups. */
  readonly average: Arena | undefined
  /** 0 for each number of a matrix that stays zero, 1 for all others; undefined where no zeros are kept. */
  readonly mask: Arena | undefined
  /** Number of updates of each group so far, by which the optimizer corrects biases. */
  readonly updates: number[]
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
  /**
   * Names of the initial values whose exact zeros stay zero in training; none where a checkpoint will tell. Default: zeros are
   * trained as all numbers.
   */
  readonly keepZeros?: readonly string[]
}

/**
 * A fresh state: values as given, or drawn by each parameter's initializer from its own stream; moments zero.
 * @throws ConfigError `training/initial-values` for values of another shape, or of a parameter that is not there.
 */
export async function createModelState(options: ModelStateOptions): Promise<ModelState> {
  const { engine, parameters, groups, optimizer } = options
  const layout = arenaLayout(
    groups.map(({ names }) => names.map((name) => ({ name, shape: parameters.get(name)!.shape }))),
    groups.flatMap(({ frozenEpochs }, group) => (frozenEpochs > 0 ? [group] : [])),
  )
  const trained = groups.flatMap(({ frozenEpochs }, group) => (frozenEpochs > 0 ? [] : [group]))
  const initial = initialValues(options)
  const values = await Arena.create(engine, layout)
  await values.write(initial)
  const arena = () => Arena.create(engine, layout, { groups: trained })
  const moments: Record<string, Arena> = {}
  for (const name of optimizer.moments) moments[name] = await arena()
  const average = options.average
    ? await Arena.create(engine, layout, { groups: trained, rest: values })
    : undefined
  await average?.write(initial)
  const mask = options.keepZeros && (await Arena.create(engine, layout))
  await mask?.write(maskOf(initial, options.keepZeros!))
  const updates = groups.map(() => 0)
  const state = { engine, parameters, groups, layout, values, gradients: await arena(), moments, average }
  return { ...state, mask, updates }
}

/** Tell if a group is trained now: if it has gradients. */
export const isTrained = ({ gradients }: ModelState, group: number): boolean => gradients.has(group)

/** Parameters that are frozen now. */
export const frozenNames = (state: ModelState): string[] =>
  state.groups.flatMap(({ names }, group) => (isTrained(state, group) ? [] : names))

/** Begin to train a frozen group: its moments begin at zero, its average at its values. */
export async function thaw(state: ModelState, group: number): Promise<void> {
  if (isTrained(state, group)) return
  const { values, gradients, moments, average } = state
  for (const arena of [gradients, ...Object.values(moments), ...(average ? [average] : [])])
    await arena.add(group)
  if (!average) return
  const names = new Set(state.groups[group]!.names)
  await average.write(new Map([...(await values.read())].filter(([name]) => names.has(name))))
}

/** Thaw the groups whose frozen epochs are over after so many epochs. @returns Their parameters. */
export async function thawAt(state: ModelState, epochs: number): Promise<string[]> {
  // A step that ends an epoch may be short of it by rounding.
  const due = state.groups.flatMap(({ frozenEpochs }, group) =>
    frozenEpochs <= epochs + 1e-9 && !isTrained(state, group) ? [group] : [],
  )
  for (const group of due) await thaw(state, group)
  return due.flatMap((group) => state.groups[group]!.names)
}

/** 0 for the zeros of the named values, 1 for all other numbers. */
const maskOf = (
  values: ReadonlyMap<string, HostArray>,
  names: readonly string[],
): Map<string, HostArray<'float32'>> =>
  new Map(
    Array.from(values, ([name, { shape, data }]) => {
      const mask = new Float32Array(data.length).fill(1)
      if (names.includes(name)) for (let i = 0; i < mask.length; i++) if (data[i] === 0) mask[i] = 0
      return [name, hostArray('float32', shape, mask)] as const
    }),
  )

function initialValues({ parameters, seed, values = new Map() }: ModelStateOptions): Map<string, HostArray> {
  requireFitting(values, parameters)
  const initial = [...parameters].map(([name, { shape, initialize }]) => {
    const value = values.get(name)
    if (value) return [name, value] as const
    const data = initialize(shape, random(seed, 'initialize', name))
    return [name, hostArray('float32', shape, data)] as const
  })
  return new Map(initial)
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
