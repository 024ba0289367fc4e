import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Batch, type HostArray, readSafetensors } from '../../src/core/index.ts'
import type { Engine } from '../../src/engine/index.ts'
import { ClipModel, clipConfig } from '../../src/models/index.ts'
import { Parameter, zerosInit } from '../../src/nn/index.ts'
import { adamW, parameterGroups } from '../../src/optim/index.ts'
import { alone, ContrastiveTask, createModelState, ParameterUpdate } from '../../src/training/index.ts'
import { caseFiles, type TrainingPlan } from '../case-files.ts'

const readJson = (directory: string, file: string): unknown =>
  JSON.parse(readFileSync(join(directory, file), 'utf8'))

/** The model of a case with its weights, on this engine. */
export async function loadOurModel(directory: string, engine: Engine) {
  const plan = readJson(directory, caseFiles.plan) as TrainingPlan
  const { learningRate, beta1, beta2, epsilon, weightDecay } = plan
  const optimizer = adamW({ learningRate, beta1, beta2, epsilon, weightDecay })
  const task = new ContrastiveTask(new ClipModel(clipConfig.parse(readJson(directory, caseFiles.config))))
  const shapes = [...task.parameters].map(([name, { shape }]) => ({ name, shape }))
  const state = await createModelState({
    engine,
    // The weights come from the file: drawing others first would only take time.
    parameters: new Map(shapes.map(({ name, shape }) => [name, new Parameter(shape, zerosInit)])),
    groups: parameterGroups(shapes, [], optimizer),
    optimizer,
    seed: 0,
    average: false,
  })
  await state.values.write(readSafetensors(join(directory, caseFiles.weights)).tensors)
  return { plan, task, state, optimizer }
}

/** The arrays of a case's batch. */
export const readBatch = (directory: string): Readonly<Record<string, HostArray>> =>
  Object.fromEntries(readSafetensors(join(directory, caseFiles.batch)).tensors)

/** A case, ready to be trained by us. */
export async function prepareOurTraining(directory: string, engine: Engine) {
  const { plan, task, state, optimizer } = await loadOurModel(directory, engine)
  const update = await ParameterUpdate.create(state, { optimizer, clipNorm: plan.clipNorm, ema: undefined })
  const arrays = readBatch(directory)
  const batch: Batch = { ids: Array.from(arrays.concepts!.data, String), arrays }
  let steps = 0
  return {
    state,
    /** Forward and backward. @returns The loss. */
    async differentiate(): Promise<number> {
      return (await task.computeGradients([batch], state, alone)).loss
    },
    /** Clip, and let AdamW change the weights. */
    async update(): Promise<void> {
      await update.apply(state, ++steps, plan.learningRate)
    },
  }
}
