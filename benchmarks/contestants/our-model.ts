import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Batch, float32, type HostArray, readSafetensors, splitRows } from '../../src/core/index.ts'
import { type Engine, ParameterProgram, toHost } from '../../src/engine/index.ts'
import { input } from '../../src/graph/index.ts'
import { type ClipModel, clipConfig } from '../../src/models/index.ts'
import { adamW } from '../../src/optim/index.ts'
import {
  alone,
  type Communicator,
  contrastiveTask,
  type ModelState,
  prepareTraining,
  splitBatch,
} from '../../src/training/index.ts'
import { caseFiles, modelOf, type TrainingPlan } from '../case-files.ts'

const readJson = (directory: string, file: string): unknown =>
  JSON.parse(readFileSync(join(directory, file), 'utf8'))

/** The model of a case with its weights, on this engine. */
export async function loadOurModel(directory: string, engine: Engine) {
  const plan = readJson(directory, caseFiles.plan) as TrainingPlan
  const { learningRate, beta1, beta2, epsilon, weightDecay, tuning, trained } = plan
  const optimizer = adamW({ learningRate, beta1, beta2, epsilon, weightDecay })
  const model = modelOf({ config: clipConfig.parse(readJson(directory, caseFiles.config)), tuning })
  const task = contrastiveTask(model)
  const values = readSafetensors(join(directory, caseFiles.weights)).tensors
  const { clipNorm } = plan
  const rules = [{ pattern: '*', freeze: true }, ...trained.map((pattern) => ({ pattern, freeze: false }))]
  const { state, update } = await prepareTraining({
    task,
    engine,
    optimizer,
    rules,
    clipNorm,
    seed: 0,
    values,
  })
  return { plan, model, task, state, update }
}

/** The arrays of a case's batch. */
export const readBatch = (directory: string): Readonly<Record<string, HostArray>> =>
  Object.fromEntries(readSafetensors(join(directory, caseFiles.batch)).tensors)

/** The features of images by a tower that is locked, computed once. */
async function featuresOf(
  model: ClipModel,
  { engine, values, parameters }: ModelState,
  pixelValues: HostArray,
): Promise<Readonly<Record<string, HostArray>>> {
  const program = await ParameterProgram.create(engine, values, undefined, {
    parameters: new Map([...parameters].map(([name, { tensor }]) => [name, tensor])),
    outputs: { features: model.encodeImage(input('pixelValues', pixelValues.shape)) },
  })
  const { features } = await program.run({ pixelValues })
  const data = (await toHost(features!, 'float32')).slice()
  return { imageFeatures: float32(features!.dims, data) }
}

/** A case, ready to be trained by us, alone or as one of several members that each take their part of the batch. */
export async function prepareOurTraining(
  directory: string,
  engine: Engine,
  communicator: Communicator = alone,
) {
  const { plan, model, task, state, update } = await loadOurModel(directory, engine)
  const read = readBatch(directory)
  const kept = plan.tuning === 'litKept' ? await featuresOf(model, state, read.pixelValues!) : {}
  const arrays = { ...read, ...kept }
  const batch: Batch = { ids: Array.from(arrays.concepts!.data, String), arrays }
  const { rank, size } = communicator
  const part = splitBatch(batch, Math.ceil(batch.ids.length / size))[rank]!
  return {
    state,
    /** Number of text tokens up to the end of their texts, the only ones that are computed. */
    textTokens: splitRows(arrays.inputIds!.data as BigInt64Array, batch.ids.length).reduce(
      (sum, row) => sum + 1 + row.indexOf(BigInt(model.config.text_config.eos_token_id)),
      0,
    ),
    /** Forward and backward. @returns The loss. */
    async differentiate(): Promise<number> {
      const { loss } = await task.computeGradients([part], state, communicator)
      await communicator.sum(state.gradients)
      return loss
    },
    /** Clip, and let AdamW change the weights. */
    async update(): Promise<void> {
      await update.apply(state, plan.learningRate)
    },
  }
}
