import { type ClipConfig, clipConfig, dualEncoder, withVocabulary } from '../src/models/index.ts'

/** A model and a batch size: what all contestants train. */
export interface Case {
  readonly config: ClipConfig
  readonly batchSize: number
}

export type CaseName = 'step' | 'towers'

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

/** `step` is the size of a model trained from scratch; `towers` is CLIP ViT-B/32, its config's defaults. */
export const cases: Readonly<Record<CaseName, Case>> = {
  step: { config: withVocabulary(small, vocabulary(4096)), batchSize: 64 },
  towers: { config: clipConfig.parse({}), batchSize: 8 },
}

/** Stand-ins that run in seconds, to see that everything works and agrees. Their times mean nothing. */
export const tinyCases: Readonly<Record<CaseName, Case>> = {
  step: { config: withVocabulary(tiny, vocabulary(64)), batchSize: 8 },
  towers: { config: withVocabulary(tiny, vocabulary(128)), batchSize: 4 },
}
