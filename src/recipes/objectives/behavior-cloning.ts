import { z } from 'zod'
import { ConfigError, didYouMean, shellWord } from '../../core/index.ts'
import type { Source } from '../../data/index.ts'
import { ChunkPolicyRuntime } from '../../deploy/index.ts'
import {
  actsInChunks,
  type ChunkPolicyConfig,
  type ChunkPolicyModel,
  type ModelConfig,
  requireRobotData,
} from '../../models/index.ts'
import { chunkReport, chunkTable } from '../../report/index.ts'
import {
  boxesOf,
  type ChunkErrors,
  type ChunkMetrics,
  chunkMetrics,
  chunkTask,
} from '../../training/index.ts'
import { groundingOptions } from './grounding-options.ts'
import type { Objective, ResultsByTest } from './objective.ts'
import { requireRobot, rolloutDirections, trialsOf, validationRollouts } from './validation-rollouts.ts'

const schema = z.strictObject({
  kind: z.literal('behaviorCloning'),
  /**
   * Teach where to look by an array of the data that holds the box of the commanded thing in the first camera's picture: left,
   * top, right, bottom as fractions; zeros where it is not seen. Several arrays are for the glances in turn. Null: no such loss.
   */
  grounding: groundingOptions.nullable().default(null),
  /**
   * Rollouts in the simulated world at each validation, measured by `rollouts.success` and `rollouts.distanceMetres`. Null: none.
   */
  rollouts: validationRollouts.nullable().default(null),
})

/** Options of behaviour cloning. What a policy predicts, and how, is in its config. */
export type BehaviorCloningOptions = z.output<typeof schema>

/** The objective of a policy that acts in chunks: the actions of demonstrations; see `chunkTask`. */
export const behaviorCloning = (
  options: Omit<z.input<typeof schema>, 'kind'> = {},
): z.input<typeof schema> => ({ kind: 'behaviorCloning', ...options })

/** Learning rates of an image tower that comes from a base, as DETR's and ACT's first code have them: a tenth. */
const towerRates = [
  { pattern: '*vision_model*', learningRate: 0.1 },
  { pattern: '*text_model*', learningRate: 0.1 },
]

const policyOf = (model: ModelConfig): ChunkPolicyConfig => model as ChunkPolicyConfig

/** Refuse data without boxes that could teach where to look. @throws ConfigError `config/robot-data`. */
function requireBoxes(
  labels: readonly string[],
  { fusion_config, glances }: ChunkPolicyConfig,
  { name, arrays = {} }: Source,
): void {
  const [problem] =
    fusion_config === null
      ? ['the policy has no glances (model.fusion_config)']
      : labels.length > glances
        ? [`${labels.length} boxes for ${glances} glances`]
        : labels.flatMap((label) => boxProblem(label, arrays))
  if (problem === undefined) return
  throw new ConfigError('config/robot-data', `${name} cannot teach where to look: ${problem}`, {
    source: name,
    problems: [problem],
  })
}

function boxProblem(label: string, arrays: NonNullable<Source['arrays']>): string[] {
  const shape = arrays[label]?.shape
  if (shape === undefined)
    return [
      `it has no '${label}'${didYouMean(label, Object.keys(arrays))}; name it in the source's deltaTimestamps`,
    ]
  const count = shape.reduce((product, size) => product * size, 1)
  return count === 4 ? [] : [`'${label}' is [${shape}] for each sample; a box has 4 numbers`]
}

/** A policy that learns chunks of actions from demonstrations, measured by their errors on held-out ones. */
export const behaviorCloningObjective = {
  schema,
  refusal: (model) =>
    actsInChunks(model)
      ? undefined
      : `a ${model.model_type} model answers no chunks of actions; make it a chunkPolicy({ … })`,
  *problems({ objective: { rollouts }, validation }) {
    if (rollouts && !validation.data)
      yield ['rollouts are part of a validation: name its data (validation.data)', 'objective', 'rollouts']
  },
  metrics: ({ objective: { rollouts } }) => ({
    loss: 'min',
    error: 'min',
    firstError: 'min',
    ...(rollouts && rolloutDirections),
  }),
  monitor: () => 'loss',
  rates: ({ model }) => {
    const { vision_config, text_config } = policyOf(model)
    return [
      ...(vision_config.kind === 'vit' ? towerRates.slice(0, 1) : []),
      ...(text_config ? towerRates.slice(1) : []),
    ]
  },
  requireTrainingData: ({ model, objective: { grounding } }, source) => {
    requireRobotData(policyOf(model), source)
    if (grounding) requireBoxes(boxesOf(grounding), policyOf(model), source)
  },
  async requireTeachingSamples({ model, objective: { rollouts } }, source) {
    if (rollouts) await requireRobot(policyOf(model), source, rollouts)
  },
  requireValidationData: ({ model }, source) => requireRobotData(policyOf(model), source),
  captions: () => 'first',
  task: (model, { seed, machine: { precision }, objective: { grounding, rollouts } }, { inputs }) =>
    chunkTask(model, {
      seed,
      precision,
      grounding: grounding ?? undefined,
      trials: rollouts && inputs ? trialsOf(model, inputs, rollouts) : undefined,
    }),
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
