import type { HostArray } from '../core/index.ts'
import { type Arena, type DeviceTensor, type Engine, ParameterProgram } from '../engine/index.ts'
import { namedParameters } from '../nn/index.ts'
import type { ExportedGraph } from './exported-graphs.ts'
import type { Model } from './family.ts'

/** Function that runs a graph: feeds by the names of its inputs → results by the names of its outputs. */
export type RunGraph = (
  feeds: Readonly<Record<string, HostArray>>,
) => Promise<Readonly<Record<string, DeviceTensor>>>

/** A graph of a model over the arena of its parameters; it follows when they change. */
export async function graphOverArena(
  engine: Engine,
  model: Model,
  values: Arena,
  build: () => ExportedGraph,
): Promise<RunGraph> {
  const parameters = new Map([...namedParameters(model)].map(([name, { tensor }]) => [name, tensor]))
  const program = await ParameterProgram.create(engine, values, undefined, { parameters, ...build() })
  return (feeds) => program.run(feeds)
}
