import { z } from 'zod'
import { shellWord } from '../../core/index.ts'
import { ChunkPolicyRuntime } from '../../deploy/index.ts'
import {
  actsInChunks,
  type ChunkPolicyConfig,
  type ChunkPolicyModel,
  type ModelConfig,
  requireRobotData,
} from '../../models/index.ts'
import { chunkReport, chunkTable } from '../../report/index.ts'
import { type ChunkErrors, type ChunkMetrics, chunkMetrics, chunkTask } from '../../training/index.ts'
import type { Objective, ResultsByTest } from './objective.ts'

/** Options of behaviour cloning. What a policy predicts, and how, is in its config. */
export interface BehaviorCloningOptions {
  readonly kind: 'behaviorCloning'
}

/** The objective of a policy that acts in chunks: the actions of demonstrations; see `chunkTask`. */
export const behaviorCloning = (): BehaviorCloningOptions => ({ kind: 'behaviorCloning' })

/** Learning rates of an image tower that comes from a base, as DETR's and ACT's first code have them: a tenth. */
const towerRates = [
  { pattern: '*vision_model*', learningRate: 0.1 },
  { pattern: '*text_model*', learningRate: 0.1 },
]

const policyOf = (model: ModelConfig): ChunkPolicyConfig => model as ChunkPolicyConfig

/** A policy that learns chunks of actions from demonstrations, measured by their errors on held-out ones. */
export const behaviorCloningObjective = {
  schema: z.strictObject({ kind: z.literal('behaviorCloning') }),
  refusal: (model) =>
    actsInChunks(model)
      ? undefined
      : `a ${model.model_type} model answers no chunks of actions; make it a chunkPolicy({ … })`,
  metrics: () => ({ loss: 'min', error: 'min', firstError: 'min' }),
  monitor: () => 'loss',
  rates: ({ model }) => {
    const { vision_config, text_config } = policyOf(model)
    return [
      ...(vision_config.kind === 'vit' ? towerRates.slice(0, 1) : []),
      ...(text_config ? towerRates.slice(1) : []),
    ]
  },
  requireTrainingData: ({ model }, source) => requireRobotData(policyOf(model), source),
  requireValidationData: ({ model }, source) => requireRobotData(policyOf(model), source),
  captions: () => 'first',
  task: (model, { seed, machine: { precision } }) => chunkTask(model, { seed, precision }),
  load: (directory, options) => ChunkPolicyRuntime.load(directory, options),
  async test(runtime, { source, open }) {
    requireRobotData(runtime.config, source)
    const found = new Map<string, ChunkErrors>()
    const metrics = await chunkMetrics(runtime.runner, runtime.config, open(), (id, errors) => {
      found.set(id, errors)
    })
    const errors = [...found.values()]
    return {
      metrics,
      grids: [],
      samples: {
        error: {
          ids: [...found.keys()],
          sums: errors.map(({ sum }) => sum),
          weights: errors.map(({ count }) => count),
        },
      },
    }
  },
  table: (results: ResultsByTest<ChunkMetrics>) => chunkTable(results),
  report: (results: ResultsByTest<ChunkMetrics>) => chunkReport(results),
  next: async (directory) => `serve ${shellWord(directory)}`,
} satisfies Objective<BehaviorCloningOptions, ChunkPolicyModel, ChunkPolicyRuntime, ChunkMetrics>
