import { z } from 'zod'
import { ConfigError, didYouMean } from '../core/index.ts'
import type { Kept } from '../graph/index.ts'
import { type Module, namedParameters, type Parameter } from '../nn/index.ts'

const position = z.int().nonnegative()

/**
 * Schema of the key `pruned` of a `config.json`: by the name of a parameter and by axis the positions that are left,
 * as ranges [first, end).
 */
export const prunedSchema = z.record(
  z.string(),
  z.record(z.string().regex(/^\d$/), z.array(z.tuple([position, position])).nonempty()),
)

/** Positions that are left of parameters that have lost rows or columns: ranges [first, end) by name and axis. */
export type Pruned = z.output<typeof prunedSchema>

/**
 * Remove rows and columns of a model's parameters that its config cannot say, as `intermediate_size` says how many hidden
 * units there are. Graphs that are built afterwards are smaller where they are compiled or written to a file.
 * @returns The model.
 * @throws ConfigError `model/config` for a parameter, axis or range that the model does not have.
 */
export function prune<M extends Module>(model: M, pruned: Pruned): M {
  const parameters = namedParameters(model)
  for (const [name, axes] of Object.entries(pruned)) {
    const parameter = parameters.get(name)
    if (!parameter)
      throw misfit(name, `there is no such parameter${didYouMean(name, [...parameters.keys()])}`)
    parameter.keep(keptOf(name, axes, parameter))
  }
  return model
}

/** Positions that are left of a model's parameters, in the form of {@link prune}; undefined for a whole model. */
export function prunedOf(model: Module): Pruned | undefined {
  const found = [...namedParameters(model)].filter(([, { kept }]) => kept.size > 0)
  return found.length > 0
    ? Object.fromEntries(found.map(([name, { kept }]) => [name, rangesOf(kept)]))
    : undefined
}

/** Positions by axis as ranges. */
export const rangesOf = (kept: Kept): Pruned[string] =>
  Object.fromEntries([...kept].map(([axis, places]) => [axis, rangesOfPlaces(places)]))

function rangesOfPlaces(places: readonly number[]): Pruned[string][string] {
  const ranges: [number, number][] = []
  for (const place of places) {
    const last = ranges.at(-1)
    if (last?.[1] === place) last[1] = place + 1
    else ranges.push([place, place + 1])
  }
  return ranges as Pruned[string][string]
}

function keptOf(name: string, axes: Pruned[string], { fullShape }: Parameter): Kept {
  return new Map(
    Object.entries(axes).map(([key, ranges]) => {
      const size = fullShape[Number(key)]
      const isOrdered = ranges.every(
        ([first, end], i) => first < end && end <= (size ?? 0) && first >= (ranges[i - 1]?.[1] ?? 0),
      )
      if (!isOrdered)
        throw misfit(
          name,
          `axis ${key} of [${fullShape}] has no such positions in this order: ${JSON.stringify(ranges)}`,
        )
      const places = ranges.flatMap(([first, end]) =>
        Array.from({ length: end - first }, (_, i) => first + i),
      )
      return [Number(key), places]
    }),
  )
}

const misfit = (name: string, problem: string): ConfigError =>
  new ConfigError(
    'model/config',
    `pruned: ${name}: ${problem}. Take config.json from the export that wrote it`,
    {
      parameter: name,
    },
  )
