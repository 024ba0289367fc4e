import type { Batch, HostArray } from '../../core/index.ts'
import type { Bundle } from '../../deploy/index.ts'
import { Engine, type Program, toHost } from '../../engine/index.ts'
import { producer, rewrite, type Tensor, topologicalOrder, writeOnnx } from '../../graph/index.ts'
import { namedParameters } from '../../nn/index.ts'
import { type ModelGraphs, outputsByGraph } from './model-graphs.ts'

/** Options of a measurement. */
export interface MeasureOptions {
  readonly threads?: number | undefined
  batches(): AsyncIterable<Batch>
}

/** A value to measure. */
export interface Probe {
  /** The inner value of a graph that it is computed from. */
  readonly at: Tensor
  /** Value of a shape that does not depend on the batch. */
  readonly value: Tensor
}

type Weighted = ReadonlyMap<Tensor, HostArray>

/**
 * Means of values inside a model over samples.
 * @param graphs The model's graphs, which have the probes.
 * @returns The values that can be measured, by name: those whose inputs are arrays of the batches.
 */
export async function measure(
  { model, weights }: Bundle,
  graphs: ModelGraphs,
  probes: ReadonlyMap<string, Probe>,
  { threads, batches }: MeasureOptions,
): Promise<ReadonlyMap<string, Float32Array>> {
  const named = [...namedParameters(model)]
  const leaves: Weighted = new Map(named.map(([name, { leaf }]) => [leaf, weights.get(name)!]))
  const sums = new Map<string, Float32Array>()
  let programs: Program[] | undefined
  let samples = 0
  for await (const { ids, arrays } of batches()) {
    programs ??= await compiled(asked(graphs, probes, arrays, leaves), graphs, leaves, threads)
    for (const program of programs) {
      const feeds = program.inputNames.map((name) => [name, arrays[arrayOf(name)]!] as const)
      for (const [name, result] of Object.entries(await program.run(Object.fromEntries(feeds))))
        add(sums, name, await toHost(result, 'float32'), ids.length)
    }
    samples += ids.length
  }
  for (const program of programs ?? []) await program.release()
  return new Map([...sums].map(([name, values]) => [name, values.map((sum) => sum / samples)]))
}

function add(sums: Map<string, Float32Array>, name: string, values: Float32Array, weight: number): void {
  const sum = sums.get(name) ?? new Float32Array(values.length)
  sums.set(name, sum)
  values.forEach((value, i) => {
    sum[i]! += weight * value
  })
}

/** Name of the batch's array for an input: `pixelValues` for `pixel_values`. */
const arrayOf = (name: string): string => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())

type Asked = ReadonlyMap<string, Readonly<Record<string, Tensor>>>

/** The values to ask each graph for: each of the first graph that has it, if the arrays can feed it. */
function asked(
  graphs: ModelGraphs,
  probes: ReadonlyMap<string, Probe>,
  arrays: Readonly<Record<string, HostArray>>,
  leaves: Weighted,
): Asked {
  const isFed = (leaf: Tensor) => arrayOf(producer(leaf, 'input')?.attributes.name ?? '') in arrays
  const fed = [...probes].filter(([, { value }]) =>
    topologicalOrder([value]).every(
      ({ op, outputs: [leaf] }) => op !== 'input' || leaves.has(leaf) || isFed(leaf),
    ),
  )
  const left = new Map(fed)
  const found = new Map<string, Record<string, Tensor>>()
  for (const [graph, outputs] of outputsByGraph(graphs)) {
    const nodes = new Set(topologicalOrder(outputs))
    const own = [...left].filter(([, { at }]) => nodes.has(at.node))
    if (own.length > 0) found.set(graph, Object.fromEntries(own.map(([name, { value }]) => [name, value])))
    for (const [name] of own) left.delete(name)
  }
  return found
}

const compiled = (
  asked: Asked,
  graphs: ModelGraphs,
  weights: Weighted,
  threads: number | undefined,
): Promise<Program[]> => {
  const engine = new Engine({ ...(threads !== undefined && { threads }) })
  return Promise.all(
    [...asked].map(([graph, values]) => {
      const symbolicSizes = graphs.symbolicSizes[graph]!
      return engine.load(writeOnnx(rewrite(values), { weights, symbolicSizes }).bytes, { optimize: true })
    }),
  )
}
