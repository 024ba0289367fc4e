import { performance } from 'node:perf_hooks'
import { float32, type HostArray, hostArray, random } from '../../core/index.ts'
import { exportedGraphs, onnxFiles, readModelDescription } from '../../deploy/index.ts'
import { Engine, type Feed, type Program, type ProgramValue } from '../../engine/index.ts'
import type { Model } from '../../models/index.ts'
import { namedParameters } from '../../nn/index.ts'
import { peakMemoryOfProcess } from '../../training/index.ts'
import type { Registry } from '../recipe/registry.ts'

/** Costs of a model on this device. */
export interface ModelCost {
  /** Numbers in its parameters. */
  readonly parameters: number
  /** Milliseconds for one sample: median and 95th percentile. */
  readonly latency: number
  readonly latencyP95: number
  /** Milliseconds for a batch: median and 95th percentile. */
  readonly batchLatency: number
  readonly batchLatencyP95: number
  /** Largest resident memory, in bytes, of this process, which loads the model and runs it. */
  readonly memory: number
}

/**
 * Measure the model of a run or bundle by its config: the graphs of its export, with drawn weights, so that it can be
 * done before there is a checkpoint. A family with a graph of the whole model, `model`, is timed by that one, others by
 * all their graphs one after the other. Run it in a process of its own, for the sake of `memory`.
 * @param options `batch`: samples of the batch. `threads`: default all cores.
 */
export async function measureModel(
  directory: string,
  { families }: Pick<Registry, 'families'>,
  { batch, threads }: { readonly batch: number; readonly threads?: number | undefined },
): Promise<ModelCost> {
  const { model, tokenizer } = readModelDescription(directory, { families })
  const weights = drawnWeights(model)
  const names = Object.keys(exportedGraphs(model, tokenizer, families))
  const only = names.includes('model') ? ['model'] : names
  const engine = new Engine({ device: 'cpu', ...(threads !== undefined && { threads }) })
  const programs: Program[] = []
  for (const [, bytes] of onnxFiles(model, weights, tokenizer, { families, only }))
    programs.push(await engine.load(bytes, { optimize: true }))
  const [median, p95] = await timed(programs, model, 1)
  const [batchMedian, batchP95] = await timed(programs, model, batch)
  for (const program of programs) await program.release()
  return {
    parameters: [...weights.values()].reduce((sum, { data }) => sum + data.length, 0),
    latency: median,
    latencyP95: p95,
    batchLatency: batchMedian,
    batchLatencyP95: batchP95,
    memory: peakMemoryOfProcess(),
  }
}

/** Weights that keep activations at a usual size: the time of an operation does not depend on them otherwise. */
function drawnWeights(model: Model): Map<string, HostArray<'float32'>> {
  return new Map(
    [...namedParameters(model)].map(([name, { shape }]) => {
      const stream = random(0, 'measure', name)
      const size = shape.reduce((product, axis) => product * axis, 1)
      return [
        name,
        float32(
          shape,
          Float32Array.from({ length: size }, () => stream.uniform(-0.03, 0.03)),
        ),
      ]
    }),
  )
}

/** Number of runs that are not counted, of the fewest that are, and milliseconds after which no more are done. */
const warmUp = 10
const fewest = 30
const longest = 2000

/** Median and 95th percentile of a pass through all programs, in milliseconds. */
async function timed(programs: readonly Program[], model: Model, batch: number): Promise<[number, number]> {
  const feeds = programs.map(({ inputs }) =>
    Object.fromEntries(inputs.map((input) => [input.name, feedOf(input, model, batch)])),
  )
  const times: number[] = []
  const begin = performance.now()
  for (let i = 0; i < warmUp + fewest || (performance.now() - begin < longest && i < 1000); i++) {
    const start = performance.now()
    for (const [k, program] of programs.entries()) await program.run(feeds[k]!)
    if (i >= warmUp) times.push(performance.now() - start)
  }
  times.sort((a, b) => a - b)
  return [times[Math.floor(times.length / 2)]!, times[Math.floor(times.length * 0.95)]!]
}

/** An input with free sizes filled in: the first is the batch, others are the length of a text. */
function feedOf({ dtype, shape }: ProgramValue, { inputs }: Model, batch: number): Feed {
  const sizes = shape.map((size, axis) => size ?? (axis === 0 ? batch : inputs.text.length))
  const count = sizes.reduce((product, axis) => product * axis, 1)
  if (dtype === 'int64') return hostArray('int64', sizes, new BigInt64Array(count).fill(1n))
  if (dtype === 'bool') return hostArray('bool', sizes, new Uint8Array(count).fill(1))
  return float32(sizes, new Float32Array(count).fill(0.1))
}
