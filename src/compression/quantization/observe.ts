import { type Batch, DataError, EngineError, type HostArray } from '../../core/index.ts'
import { Engine, type Program, toHost } from '../../engine/index.ts'
import { type Tensor, writeOnnx } from '../../graph/index.ts'
import type { Tools } from '../method.ts'
import { type ActivationPoint, type ObservedGraph, observedFeeds } from './observed-graphs.ts'

/**
 * Run graphs in float on all samples, and give the activations of each point away, batch after batch: none are kept.
 * @throws DataError `compression/calibration-data` for samples that a graph does not take, and `compression/not-finite` naming
 * the layer whose activations are not.
 */
export async function observe(
  graphs: readonly ObservedGraph[],
  tools: Tools,
  read: (point: ActivationPoint, values: Float32Array) => void,
): Promise<void> {
  for (const observed of graphs) {
    const { points } = observed
    const outputs = Object.fromEntries(points.map(({ tensor }, i) => [`activation/${i}`, tensor]))
    await withProgram(outputs, observed, tools, async (run) => {
      for await (const batch of tools.batches()) {
        const results = await run(batch)
        for (const [i, point] of points.entries()) {
          const values = results[`activation/${i}`]!
          requireFinite(values, point, batch)
          read(point, values)
        }
      }
    })
  }
}

type Run = (
  batch: Batch,
  feeds?: Readonly<Record<string, HostArray>>,
) => Promise<Record<string, Float32Array>>

/** Load a graph with other outputs, run it as long as `use` wants, and release it. */
export async function withProgram(
  outputs: Readonly<Record<string, Tensor>>,
  observed: ObservedGraph,
  { threads }: Tools,
  use: (run: Run) => Promise<void>,
): Promise<void> {
  const engine = new Engine(threads === undefined ? {} : { threads })
  const program = await engine.load(writeOnnx(outputs, observed.graph).bytes, { optimize: true })
  try {
    await use(async (batch, feeds = {}) => {
      const results = await runOn(program, observed, batch, feeds)
      const floats = Object.entries(results).filter(([, { type }]) => type === 'float32')
      const values = floats.map(async ([name, tensor]) => [name, await toHost(tensor, 'float32')] as const)
      return Object.fromEntries(await Promise.all(values))
    })
  } finally {
    await program.release()
  }
}

async function runOn(
  program: Program,
  observed: ObservedGraph,
  batch: Batch,
  further: Readonly<Record<string, HostArray>>,
) {
  const all = { ...observedFeeds(observed, batch), ...further }
  // An activation may need fewer inputs than the outputs of the whole graph.
  const feeds = Object.fromEntries(program.inputNames.map((name) => [name, all[name]!]))
  try {
    return await program.run(feeds)
  } catch (cause) {
    if (!(cause instanceof EngineError)) throw cause
    throw new DataError(
      'compression/calibration-data',
      `${observed.name} cannot be run on samples to calibrate with, from '${batch.ids[0]}' on: ${cause.message}. ` +
        "Prepare the data as for this model's training",
      { graph: observed.name, sample: batch.ids[0] },
      { cause },
    )
  }
}

function requireFinite(values: Float32Array, { products }: ActivationPoint, { ids }: Batch): void {
  let check = 0
  for (let i = 0; i < values.length; i++) check += values[i]! * 0
  if (check === 0) return
  const { layer } = products[0]!
  throw new DataError(
    'compression/not-finite',
    `what ${layer} reads is not finite on the batch that begins with sample '${ids[0]}'. Look at these samples with the model ` +
      'as it is: one that diverged cannot be quantized',
    { layer, sample: ids[0] },
  )
}
