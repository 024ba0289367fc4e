import { type ClipConfig, clipConfig, dualEncoder, withVocabulary } from '../src/models/index.ts'

/**
 * What of a model is trained: `full` all of it, `lora` adapters of rank 16 on q and v, `lit` all but a locked image tower
 * that computes its features in each step, `litKept` the same with the features of the first step.
 */
export type Tuning = 'full' | 'lora' | 'lit' | 'litKept'

/** A model, a batch size and what is trained: what all contestants do. */
export interface Case {
  readonly config: ClipConfig
  readonly batchSize: number
  readonly tuning: Tuning
}

export type CaseName = 'step' | 'towers' | 'lora' | 'lit' | 'litKept'

/** The cases of fine-tuning: all of one model, by all ways. */
export const finetuneCases = ['towers', 'lora', 'lit', 'litKept'] as const

const vocabulary = (size: number) => ({
  vocabularySize: size,
  startId: size - 2,
  endId: size - 1,
  padId: size - 1, // CLIP pads with its end token
})

const small = dualEncoder({
  image: { size: 64, patch: 8, width: 192, depth: 6, heads: 3 },
  text: { length: 32, width: 192, depth: 4, heads: 3 },
  projection: 128,
})

const tiny = dualEncoder({
  image: { size: 16, patch: 8, width: 32, depth: 2, heads: 2 },
  text: { length: 8, width: 32, depth: 2, heads: 2 },
  projection: 16,
})

/** Every way to fine-tune a model. */
const tuned = (towers: Omit<Case, 'tuning'>): Omit<Readonly<Record<CaseName, Case>>, 'step'> => ({
  towers: { ...towers, tuning: 'full' },
  lora: { ...towers, tuning: 'lora' },
  lit: { ...towers, tuning: 'lit' },
  litKept: { ...towers, tuning: 'litKept' },
})

/** `step` is the size of a model trained from scratch; `towers` is CLIP ViT-B/32, its config's defaults. */
export const cases: Readonly<Record<CaseName, Case>> = {
  step: { config: withVocabulary(small, vocabulary(4096)), batchSize: 64, tuning: 'full' },
  ...tuned({ config: clipConfig.parse({}), batchSize: 8 }),
}

/** Stand-ins that run in seconds, to see that everything works and agrees. Their times mean nothing. */
export const tinyCases: Readonly<Record<CaseName, Case>> = {
  step: { config: withVocabulary(tiny, vocabulary(64)), batchSize: 8, tuning: 'full' },
  ...tuned({ config: withVocabulary(tiny, vocabulary(128)), batchSize: 4 }),
}
