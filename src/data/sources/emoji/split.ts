import { random } from '../../../core/index.ts'

/** A part of the emoji data. The first two are for training, the last two are the tests. */
export type EmojiSplit = 'train' | 'validation' | 'heldOutConcepts' | 'heldOutStyle'

/** Side of the split on which a concept stands. */
export type ConceptSide = 'heldOut' | 'validation' | 'train'

/** Share of the concepts that no training image may show. */
const heldOutShare = 0.1
/** Share of the concepts whose drawing in the validation style is kept from training. */
const validationShare = 0.1

/**
 * Seed of the split, a part of the data set and not of a run. As an option, it would let a model trained under one seed
 * be tested under another on images it has seen.
 */
const splitSeed = 2026

/** Side of a concept: a hash of its name, so that it never changes when concepts are added. */
export function sideOf(concept: string): ConceptSide {
  const place = random(splitSeed, 'emoji', concept).uniform()
  if (place < heldOutShare) return 'heldOut'
  return place < heldOutShare + validationShare ? 'validation' : 'train'
}
