import { retrieval, type SuiteInput } from '../../evaluation/index.ts'

/** Held-out tests of emoji: a style and concepts that were never trained on. */
export const emojiSuite = (): SuiteInput => ({
  name: 'emoji',
  seed: 7,
  tests: {
    heldOutStyle: { data: { kind: 'emoji', split: 'heldOutStyle' }, evaluators: [retrieval()] },
    heldOutConcepts: { data: { kind: 'emoji', split: 'heldOutConcepts' }, evaluators: [retrieval()] },
  },
})
