import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { float32, type HostArray, hostArray, int64, random, writeSafetensors } from '../src/core/index.ts'
import { type AdapterOptions, addAdapters, ClipModel, isAdapter } from '../src/models/index.ts'
import { namedParameters, type Parameter } from '../src/nn/index.ts'
import { decaysByDefault } from '../src/optim/index.ts'
import type { Case, Tuning } from './cases.ts'

const seed = 7

/** The files of a case, in its directory: what every contestant reads. */
export const caseFiles = {
  /** Hugging Face's `CLIPConfig`. */
  config: 'config.json',
  /** The weights under Hugging Face's names. */
  weights: 'model.safetensors',
  /** `pixelValues`, `inputIds` and `concepts` of one batch. */
  batch: 'batch.safetensors',
  /** How the weights are changed: a `TrainingPlan`. */
  plan: 'plan.json',
} as const

/** AdamW after clipping, the same for all. */
export interface TrainingPlan {
  readonly learningRate: number
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  readonly weightDecay: number
  readonly clipNorm: number
  /** Names of the parameters that decay. */
  readonly decayed: readonly string[]
  readonly tuning: Tuning
  /** Names of the parameters that are trained. */
  readonly trained: readonly string[]
}

/** Adapters of the case `lora`. */
export const adapters: AdapterOptions = {
  rank: 16,
  alpha: 16,
  dropout: 0,
  targetModules: ['*.q_proj', '*.v_proj'],
  useRslora: false,
}

/** The model of a case. */
export const modelOf = ({ config, tuning }: Pick<Case, 'config' | 'tuning'>): ClipModel => {
  const model = new ClipModel(config)
  return tuning === 'lora' ? addAdapters(model, adapters) : model
}

/** Tell what is trained. */
const isTrained: Readonly<Record<Tuning, (name: string) => boolean>> = {
  full: () => true,
  lora: isAdapter,
  lit: (name) => !/^(vision_model|visual_projection)\./.test(name),
  litKept: (name) => isTrained.lit(name),
}

/** So small a rate that a batch is not learned by heart: vanishing gradients would be slow, subnormal numbers. */
const planOf = (parameters: ReadonlyMap<string, Parameter>, tuning: Tuning): TrainingPlan => ({
  learningRate: 1e-5,
  beta1: 0.9,
  beta2: 0.98,
  epsilon: 1e-6,
  weightDecay: 0.1,
  clipNorm: 1,
  decayed: [...parameters].flatMap(([name, { shape }]) => (decaysByDefault(name, shape) ? [name] : [])),
  tuning,
  trained: [...parameters.keys()].filter(isTrained[tuning]),
})

/**
 * Write a case for the contestants.
 * @returns What it trains in the order of the names: that of a file of gradients.
 */
export function writeCase(directory: string, given: Case): ReadonlyMap<string, Parameter> {
  const { config, batchSize, tuning } = given
  const parameters = namedParameters(modelOf(given))
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, caseFiles.config), JSON.stringify(config))
  writeFileSync(join(directory, caseFiles.plan), JSON.stringify(planOf(parameters, tuning)))
  writeSafetensors(join(directory, caseFiles.weights), initialWeights(parameters), { format: 'pt' })
  writeSafetensors(join(directory, caseFiles.batch), Object.entries(batchOf({ config, batchSize })))
  const trained = [...parameters].filter(([name]) => isTrained[tuning](name))
  return new Map(trained.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/**
 * Fresh weights. Biases, norms and the second maps of adapters get noise: where they begin at 0 and 1, a peer that forgets
 * one would agree.
 */
const initialWeights = (parameters: ReadonlyMap<string, Parameter>): [string, HostArray][] =>
  Array.from(parameters, ([name, { shape, initialize }]) => {
    const values = initialize(shape, random(seed, name))
    const noise = random(seed, 'noise', name)
    const isPlain = shape.length === 1 || name.endsWith('.lora_b.weight')
    const moved = isPlain ? values.map((value) => value + noise.normal(0, 0.02)) : values
    return [name, hostArray('float32', shape, moved)]
  })

/** Noise for pictures, and captions of random words and lengths; every pair is a concept of its own. */
function batchOf({ config, batchSize }: Pick<Case, 'config' | 'batchSize'>): Record<string, HostArray> {
  const { num_channels: channels, image_size: size } = config.vision_config
  const { max_position_embeddings: length } = config.text_config
  const noise = random(seed, 'pixels')
  const pixels = Float32Array.from({ length: batchSize * channels * size * size }, () => noise.normal())
  const rows = Array.from({ length: batchSize }, (_, row) => caption(config.text_config, row))
  return {
    pixelValues: float32([batchSize, channels, size, size], pixels),
    inputIds: int64([batchSize, length], rows.flat()),
    concepts: int64([batchSize], [...rows.keys()]),
  }
}

function caption(text: Case['config']['text_config'], row: number): number[] {
  const { max_position_embeddings: length, vocab_size: size, bos_token_id: start, eos_token_id: end } = text
  const draw = random(seed, 'caption', row)
  const words = 1 + draw.integer(length - 2)
  return Array.from({ length }, (_, i) =>
    i === 0 ? (start ?? 0) : i <= words ? draw.integer(size - 2) : end,
  )
}
