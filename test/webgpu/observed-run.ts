import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { DeviceName, Engine } from '../../src/engine/index.ts'
import { adamW, type Optimizer, sgd } from '../../src/optim/index.ts'
import type { Metrics, ModelState } from '../../src/training/index.ts'
import { smallClip, syntheticBatch, syntheticTrainer } from '../training/synthetic-run.ts'

/** AdamW with an average of the weights; stochastic gradient descent over micro-batches. */
const recipes = {
  adamW: { optimizer: adamW({ learningRate: 3e-3, weightDecay: 0.1 }), average: true },
  sgd: { optimizer: sgd({ learningRate: 0.1, momentum: 0.9 }), microBatchSize: 4 },
} satisfies Record<string, { optimizer: Optimizer; average?: boolean; microBatchSize?: number }>

export type RecipeName = keyof typeof recipes
export const recipeNames = Object.keys(recipes) as RecipeName[]

/** What happened in the steps of a run, beside its checkpoints. */
export interface ObservedRun {
  readonly losses: readonly number[]
  /** Where the vectors of all arenas were after each step. */
  readonly locations: readonly string[]
  /** Vectors sent to the device or brought home, not counting those for checkpoints. */
  readonly transfers: number
  /** After the last step. */
  readonly retrieval: Metrics
}

/** Few: on Vulkan in software a step takes more than half a second. */
const lengths = { totalSteps: 12, stepsPerEpoch: 4 }
const checkpointsIn = (run: string) => ({ run, everySteps: 6, keep: 2 })

/** Train for 12 steps with checkpoints at 6 and 12 in `run`. */
export async function observedRun(run: string, device: DeviceName, name: RecipeName): Promise<ObservedRun> {
  const losses: number[] = []
  const locations = new Set<string>()
  let [inSteps, now] = [0, 0]
  const { trainer, state, task } = await syntheticTrainer({
    ...recipes[name],
    ...lengths,
    model: smallClip(1),
    run,
    device,
    checkpoints: checkpointsIn(run),
    logEverySteps: 1,
    callbacks: [
      {
        onLog: ({ loss }) => void losses.push(loss),
        onStep: () => {
          for (const location of locationsOf(state)) locations.add(location)
          inSteps += now
        },
        onCheckpoint: () => {
          now = 0
        },
      },
    ],
  })
  await countTransfers(state.engine, () => now++)
  await trainer.run()
  const retrieval = await task.evaluate(evaluated(), state.average ?? state.values, state)
  return { losses, locations: [...locations], transfers: inSteps, retrieval }
}

/** Three batches that were trained on, and one of another size that was not. */
async function* evaluated() {
  for (const number of [0, 1, 2]) yield syntheticBatch(8, number)
  yield syntheticBatch(5, 20)
}

/** Go on from the checkpoint at step 6 of the run `whole`, in a run of its own. */
export async function resumedRun(run: string, whole: string, device: DeviceName, name: RecipeName) {
  mkdirSync(join(run, 'checkpoints'), { recursive: true })
  cpSync(join(whole, 'checkpoints/6'), join(run, 'checkpoints/6'), { recursive: true })
  const { trainer } = await syntheticTrainer({
    ...recipes[name],
    ...lengths,
    model: smallClip(1),
    run,
    device,
    checkpoints: checkpointsIn(run),
  })
  await trainer.resume()
  await trainer.run()
}

function locationsOf({ values, gradients, moments, average, layout }: ModelState): string[] {
  const arenas = [values, gradients, ...Object.values(moments), ...(average ? [average] : [])]
  return arenas.flatMap((arena) => layout.map((_, group) => arena.vector(group).location))
}

/** Only WebGPU's arenas travel. */
async function countTransfers(engine: Engine, count: () => void): Promise<void> {
  if (!engine.keepsBuffers) return
  const transfer = await engine.transfer()
  const { upload, download } = transfer
  transfer.upload = (values) => {
    count()
    return upload.call(transfer, values)
  }
  transfer.download = (vector) => {
    count()
    return download.call(transfer, vector)
  }
}
