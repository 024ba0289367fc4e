import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Batch, type HostArray, readSafetensors, splitRows } from '../../src/core/index.ts'
import type { Engine } from '../../src/engine/index.ts'
import { ClipModel, clipConfig } from '../../src/models/index.ts'
import { adamW } from '../../src/optim/index.ts'
import { alone, contrastiveTask, prepareTraining } from '../../src/training/index.ts'
import { caseFiles, type TrainingPlan } from '../case-files.ts'

const readJson = (directory: string, file: string): unknown =>
  JSON.parse(readFileSync(join(directory, file), 'utf8'))

/** The model of a case with its weights, on this engine. */
export async function loadOurModel(directory: string, engine: Engine) {
  const plan = readJson(directory, caseFiles.plan) as TrainingPlan
  const { learningRate, beta1, beta2, epsilon, weightDecay } = plan
  const optimizer = adamW({ learningRate, beta1, beta2, epsilon, weightDecay })
  const model = new ClipModel(clipConfig.parse(readJson(directory, caseFiles.config)))
  const task = contrastiveTask(model)
  const values = readSafetensors(join(directory, caseFiles.weights)).tensors
  const { clipNorm } = plan
  const { state, update } = await prepareTraining({ task, engine, optimizer, clipNorm, seed: 0, values })
  return { plan, model, task, state, update }
}

/** The arrays of a case's batch. */
export const readBatch = (directory: string): Readonly<Record<string, HostArray>> =>
  Object.fromEntries(readSafetensors(join(directory, caseFiles.batch)).tensors)

/** A case, ready to be trained by us. */
export async function prepareOurTraining(directory: string, engine: Engine) {
  const { plan, model, task, state, update } = await loadOurModel(directory, engine)
  const arrays = readBatch(directory)
  const batch: Batch = { ids: Array.from(arrays.concepts!.data, String), arrays }
  return {
    state,
    /** Number of text tokens up to the end of their texts, the only ones that are computed. */
    textTokens: splitRows(arrays.inputIds!.data as BigInt64Array, batch.ids.length).reduce(
      (sum, row) => sum + 1 + row.indexOf(BigInt(model.config.text_config.eos_token_id)),
      0,
    ),
    /** Forward and backward. @returns The loss. */
    async differentiate(): Promise<number> {
      return (await task.computeGradients([batch], state, alone)).loss
    },
    /** Clip, and let AdamW change the weights. */
    async update(): Promise<void> {
      await update.apply(state, plan.learningRate)
    },
  }
}
