import type { HostArray } from '../core/index.ts'
import { type Arena, type DeviceTensor, type Engine, ParameterProgram } from '../engine/index.ts'
import { namedParameters, type Parameter } from '../nn/index.ts'
import type { ExportedGraph } from './exported-graphs.ts'
import type { Model } from './family.ts'

/** Function that runs a graph: feeds by the names of its inputs → results by the names of its outputs. */
export type RunGraph = (
  feeds: Readonly<Record<string, HostArray>>,
) => Promise<Readonly<Record<string, DeviceTensor>>>

/**
 * A graph of a model over the arena of its parameters; it follows when they change.
 * @param named Parameters that the graph may read and the arena has. Default: all of the model.
 */
export async function graphOverArena(
  engine: Engine,
  model: Model,
  values: Arena,
  build: () => ExportedGraph,
  named: Iterable<readonly [string, Parameter]> = namedParameters(model),
): Promise<RunGraph> {
  const parameters = new Map([...named].map(([name, { leaf }]) => [name, leaf]))
  const program = await ParameterProgram.create(engine, values, undefined, { parameters, ...build() })
  return (feeds) => program.run(feeds)
}
