import { type Batch, float32, int64, type Random, random } from '../../src/core/index.ts'
import { Engine } from '../../src/engine/index.ts'
import { PolicyModel, type PolicyOptions, policy, policyConfig } from '../../src/models/index.ts'
import { adamW, constant, type Optimizer, type ParameterRule } from '../../src/optim/index.ts'
import {
  type BatchStream,
  type PolicyTaskOptions,
  policyTask,
  type TrainerOptions,
  training,
} from '../../src/training/index.ts'

/** One head of every kind. */
export const everyHead = {
  detection: { kind: 'detection', box: 'box', category: 'category', classes: 3, hidden: [32] },
  grasping: { kind: 'pose', label: 'grasp', hidden: [32], mean: [0.4, 0, 0.1, 0, 1, 0], scale: 0.2 },
  navigation: { kind: 'position', label: 'navigation', hidden: [32] },
  manipulation: { kind: 'joints', label: 'joints', length: 2, hidden: [32] },
  weight: { kind: 'regression', label: 'weight', length: 1, hidden: [] },
  kind: { kind: 'classification', label: 'category', classes: 3, hidden: [16, 8] },
} as const satisfies PolicyOptions['heads']

const labelWidths = { box: 4, category: 3, grasp: 6, navigation: 3, joints: 2, weight: 1 } as const

/** A small policy that reads 16-pixel images and texts of 8 tokens, of which 63 ends them. */
export function smallPolicy(heads: PolicyOptions['heads'] = everyHead, dropout = 0.1): PolicyModel {
  const config = policy({
    image: { size: 16, patch: 4, width: 16, depth: 1, heads: 2 },
    text: { length: 8, width: 16, depth: 1, heads: 2 },
    fusion: { width: 16, depth: 1, heads: 2 },
    heads,
    glances: 2,
    shared: 64,
    dropout,
  })
  const vocabulary = { vocab_size: 64, bos_token_id: 62, eos_token_id: 63, pad_token_id: 63 }
  return new PolicyModel(
    policyConfig.parse({ ...config, text_config: { ...config.text_config, ...vocabulary } }),
  )
}

/**
 * Pictures of noise with one bright patch in one of three colours, commands of random words, and labels that follow
 * from where the patch is and what colour it has. `has` says which samples have which label.
 */
export function brightPatches(
  size: number,
  number: number,
  has: (label: string, sample: number) => boolean = () => true,
): Batch {
  const stream = random(3, 'bright', number)
  const pixels = Float32Array.from({ length: size * 768 }, () => stream.normal(0, 0.1))
  const rows = Array.from({ length: size }, (_, sample) => {
    const [row, column, colour] = [stream.integer(4), stream.integer(4), stream.integer(3)]
    for (let i = 0; i < 16; i++) {
      const at = (4 * row + (i >> 2)) * 16 + 4 * column + (i & 3)
      pixels[sample * 768 + colour * 256 + at]! += 1
    }
    return labelsOf(row / 4, column / 4, colour, stream)
  })
  const labels = Object.entries(labelWidths).flatMap(([name, width]) => {
    const present = rows.map((_, sample) => (has(name, sample) ? 1 : 0))
    const values = rows.flatMap((row, i) => row[name as keyof typeof labelWidths].map((x) => x * present[i]!))
    return [
      [name, float32([size, width], values)],
      [`${name}Present`, float32([size], present)],
    ] as const
  })
  const words = rows.flatMap(() => [62, stream.integer(60), stream.integer(60), 63, 63, 63, 63, 63])
  return {
    ids: rows.map((_, sample) => `bright-${number}-${sample}`),
    arrays: {
      pixelValues: float32([size, 3, 16, 16], pixels),
      inputIds: int64([size, 8], words),
      ...Object.fromEntries(labels),
    },
  }
}

function labelsOf(top: number, left: number, colour: number, stream: Random) {
  return {
    box: [left, top, left + 0.25, top + 0.25],
    category: [0, 1, 2].map((c) => (c === colour ? 1 : 0)),
    grasp: [0.4 + 0.2 * top, left - 0.5, 0.1, 0, 0, Math.PI * left],
    navigation: [top, left, 0],
    joints: [Math.atan2(left, 1 + top), colour - 1],
    weight: [stream.normal(0, 0.5)],
  }
}

export const brightStream =
  (batchSize: number, distinct: number, has?: (label: string, sample: number) => boolean) =>
  (start: unknown = 0): BatchStream & { position: number } => ({
    position: start as number,
    async *[Symbol.asyncIterator]() {
      for (;;) yield brightPatches(batchSize, this.position++ % distinct, has)
    },
    close: async () => {},
  })

export const usualOptions: PolicyTaskOptions = {
  weighting: { kind: 'manual', weights: {} },
  grounding: { label: 'box', weight: 1 },
  box: { beta: 0.1, overlap: 0.5 },
  tolerances: {
    overlap: 0.5,
    graspPosition: 0.05,
    graspRotation: 0.3,
    position: 0.1,
    joint: 0.2,
    number: 0.1,
  },
  seed: 1,
  totalSteps: 40,
}

export interface PolicyRunOptions extends Partial<TrainerOptions> {
  readonly run: string
  readonly model?: PolicyModel
  readonly taskOptions?: Partial<PolicyTaskOptions>
  readonly optimizer?: Optimizer
  readonly rules?: readonly ParameterRule[]
}

/** A trainer of a small policy on batches of bright patches. */
export async function policyTrainer({
  run,
  model = smallPolicy(),
  taskOptions = {},
  optimizer = adamW({ learningRate: 1e-2, weightDecay: 0 }),
  rules = [],
  ...options
}: PolicyRunOptions) {
  const totalSteps = options.totalSteps ?? usualOptions.totalSteps
  return training({
    task: policyTask(model, { ...usualOptions, totalSteps, ...taskOptions }),
    engine: new Engine({ threads: 1 }),
    optimizer,
    rules,
    clipNorm: 1,
    seed: 5,
    openStream: brightStream(16, 8),
    schedule: constant(),
    totalSteps,
    stepsPerEpoch: 8,
    checkpoints: { run, everySteps: 10, keep: 2 },
    logEverySteps: 10,
    callbacks: [],
    ...options,
  })
}
