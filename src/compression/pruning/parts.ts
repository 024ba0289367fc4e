import type { Reach, Subject, Tools } from '../method.ts'

/**
 * Matrices by the part of the model that they belong to, for a scan of sensitivities: the path without the layer and its
 * `weight`, such as `vision_model.encoder.layers.0.mlp`.
 */
export function partsOf(names: readonly string[]): Map<string, [string, ...string[]]> {
  const parts = new Map<string, [string, ...string[]]>()
  for (const name of names) {
    const segments = name.split('.')
    const part = segments.slice(0, segments.length > 2 ? -2 : 1).join('.')
    const known = parts.get(part)
    if (known) known.push(name)
    else parts.set(part, [name])
  }
  return parts
}

/** Options that name matrices by patterns. */
interface Patterns {
  readonly parameters: readonly string[]
  readonly except: readonly string[]
}

/**
 * Reach of a step over matrices: its parts are those of the model, and the matrices of parts that it leaves are `except`.
 * @param namesOf Matrices that the options change.
 */
export const reachByParts = <Options extends Patterns>(
  namesOf: (options: Options, subject: Subject, tools: Tools) => readonly string[],
): Reach<Options> => ({
  parts: (options, subject, tools) =>
    new Map(
      [...partsOf(namesOf(options, subject, tools))].map(([part, parameters]) => [
        part,
        { ...options, parameters, except: [] },
      ]),
    ),
  without(options, parts, subject, tools) {
    const all = partsOf(namesOf(options, subject, tools))
    return { ...options, except: [...options.except, ...parts.flatMap((part) => all.get(part) ?? [])] }
  },
})
