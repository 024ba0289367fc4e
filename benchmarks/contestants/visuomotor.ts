import { closeSync, openSync, writeSync } from 'node:fs'
import { float32 } from '../../src/core/index.ts'
import { type Arena, Engine } from '../../src/engine/index.ts'
import { rewrite, showRows, topologicalOrder } from '../../src/graph/index.ts'
import { DualEncoderPrograms } from '../../src/models/index.ts'
import type { ContestantTask } from '../contestants.ts'
import { floatingPointOperations, matrixProducts } from '../floating-point-operations.ts'
import { loadOurModel, prepareOurTraining, readBatch } from './our-model.ts'
import { serve, task, timed } from './serve.ts'
import { WatchedEngine } from './watched-engine.ts'

/** This project, as a contestant: a process of its own. */
const { directory, mode, gradients } = task<ContestantTask>()
await (mode === 'train' ? train() : infer())

async function train(): Promise<void> {
  const engine = new WatchedEngine()
  const training = await prepareOurTraining(directory, engine)
  const loss = await training.differentiate()
  if (gradients !== undefined) await writeGradients(training.state.gradients, gradients)
  await training.update()
  globalThis.gc?.()
  await serve<{ steps?: number }>({ loss }, async ({ steps }) => {
    if (steps === undefined) return workOf(engine, training.textTokens)
    const losses: number[] = []
    const updateMilliseconds: number[] = []
    const milliseconds = await timed(steps, async () => {
      losses.push(await training.differentiate())
      updateMilliseconds.push(...(await timed(1, () => training.update())))
    })
    return { milliseconds, losses, updateMilliseconds }
  })
}

/** What one step computes, as it runs: counted in the graph compiled last, after its rewrites. */
function workOf(engine: WatchedEngine, textTokens: number) {
  const outputs = showRows(engine.compiled.at(-1)!.outputs, textTokens)
  const nodes = topologicalOrder(Object.values(rewrite(outputs)))
  return { operations: floatingPointOperations(nodes), products: matrixProducts(nodes) }
}

async function infer(): Promise<void> {
  const { model, state } = await loadOurModel(directory, new Engine())
  const encoders = await DualEncoderPrograms.create(state.engine, model, state.values)
  const { pixelValues } = readBatch(directory)
  const [, ...sizes] = pixelValues!.shape
  const images = (count: number) => {
    const shape = [count, ...sizes]
    const length = shape.reduce((product, size) => product * size)
    return float32(shape, (pixelValues!.data as Float32Array).subarray(0, length))
  }
  const features = Array.from(await encoders.encodeImages(images(2)))
  await serve<{ batch: number; runs: number }>({ features }, async ({ batch, runs }) => {
    const input = images(batch)
    return { milliseconds: await timed(runs, () => encoders.encodeImages(input)) }
  })
}

/** All gradients as float32, parameter after parameter in the order of their names. */
async function writeGradients(arena: Arena, file: string): Promise<void> {
  const values = await arena.read()
  const handle = openSync(file, 'w')
  for (const name of [...values.keys()].sort()) {
    const { buffer, byteOffset, byteLength } = values.get(name)!.data
    writeSync(handle, new Uint8Array(buffer, byteOffset, byteLength))
  }
  closeSync(handle)
}
