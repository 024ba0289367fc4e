import { writeFileSync } from 'node:fs'
import { type Batch, concatenateRows, float32, random } from '../../src/core/index.ts'
import { Engine } from '../../src/engine/index.ts'
import { adamW } from '../../src/optim/index.ts'
import { alone, contrastiveTask, prepareTraining, splitBatch } from '../../src/training/index.ts'
import { smallClip, syntheticBatch } from './synthetic-run.ts'

/**
 * Gradients of one contrastive batch, in a process of its own: prints the peak memory in MiB above that before the step.
 *
 *     gradient-of-large-batch.ts <samples> <micro-batch | features> <file for loss and gradients>
 *
 * With `features` both towers are given, so that only the loss over all samples is computed.
 */
const [samples, pieces, file] = [Number(process.argv[2]), process.argv[3]!, process.argv[4]!]

function batchOf(count: number): Batch {
  const parts = Array.from({ length: count / 8 }, (_, number) => syntheticBatch(8, number))
  const names = ['pixelValues', 'inputIds', 'concepts']
  const arrays = names.map(
    (name) => [name, concatenateRows(parts.map((part) => part.arrays[name]!))] as const,
  )
  return { ids: parts.flatMap(({ ids }) => ids), arrays: Object.fromEntries(arrays) }
}

const { task, state } = await (async () => {
  const task = contrastiveTask(smallClip())
  return prepareTraining({ task, engine: new Engine({ threads: 1 }), optimizer: adamW(), seed: 5 })
})()
let batch = batchOf(samples)
if (pieces === 'features') {
  const draw = (name: string) => {
    const stream = random(1, name)
    return float32(
      [samples, 16],
      Float32Array.from({ length: samples * 16 }, () => stream.normal()),
    )
  }
  const features = { imageFeatures: draw('image'), textFeatures: draw('text') }
  batch = { ...batch, arrays: { ...batch.arrays, ...features } }
}
const before = process.memoryUsage.rss()
const microBatches = pieces === 'features' ? [batch] : splitBatch(batch, Number(pieces))
const { loss } = await task.computeGradients(microBatches, state, alone)
const peak = process.resourceUsage().maxRSS * 1024
const gradients = [...(await state.gradients.read())].map(([name, { data }]) => [name, [...data]])
writeFileSync(file, JSON.stringify({ loss, gradients: Object.fromEntries(gradients) }))
console.log((peak - before) / 2 ** 20)
