import { normalize, paraphrase, synonyms, typos } from '../../data/index.ts'
import { type ChunkPolicyOptions, chunkPolicy } from '../../models/index.ts'
import { cosine, muon } from '../../optim/index.ts'
import { type EpisodeSplit, episodeFeatures } from '../../world/index.ts'
import { behaviorCloning } from '../objectives/behavior-cloning.ts'
import type { RecipeInput } from '../recipe/schema.ts'

/** Demonstrations that all recipes share; the first of them makes them. */
const directory = 'data/tabletop-episodes'

/**
 * Actions of a chunk: 2.4 s at 20 Hz, all of a *pick up*. So every picture teaches where the hand will close, and the first of
 * them, which no arm is in, is what the whole reach follows.
 */
const chunk = 48

/** Actions of a chunk that are carried out: the reach. */
const actionSteps = chunk / 2

/** Heads of the one-shot policy that tell where and how the hand takes a thing. */
const glanceHeads: ChunkPolicyOptions['glanceHeads'] = {
  grasping: { kind: 'pose', label: 'grasp' },
  manipulation: { kind: 'joints', label: 'joints' },
}

const { head, box } = episodeFeatures

const demonstrations = (split: EpisodeSplit) => ({
  kind: 'lerobot' as const,
  directory: `${directory}/${split}`,
  cameras: [head] as [string],
  chunk,
  // The box of the commanded thing, for the loss that teaches where to look.
  deltaTimestamps: { [box]: [0] as [number] },
})

const policyWith = (options: Pick<ChunkPolicyOptions, 'head' | 'decoderDepth' | 'steps'>) =>
  chunkPolicy({
    ...options,
    cameras: [head],
    // Seven joints and the gripper.
    state: 8,
    action: 8,
    chunk,
    actionSteps,
    glanceHeads,
    // Sizes and activation of the one-shot policies, whose weights they may begin with.
    activation: 'gelu',
    image: { size: 64, patch: 8, width: 128, depth: 3, heads: 4 },
    text: { length: 24, width: 128, depth: 1, heads: 4 },
    width: 128,
    heads: 4,
    hidden: 256,
    encoderDepth: 1,
    fusion: { width: 128, depth: 2, heads: 4 },
    preNorm: true,
    dropout: 0,
    latentDepth: 1,
  })

/** All keys but the head of the policy; see docs/tabletop-chunks.md. It begins with the eyes of a one-shot policy. */
const fromDemonstrations = {
  base: 'runs/tabletop-multitask',
  parameters: [
    { pattern: 'text_model.*', freeze: true },
    // The arm comes between: what sees must learn to see past it, and keep what it knows.
    ...['vision_model.*', 'fusion.*', 'read_out.*', 'shared.*', 'heads.*'].map((pattern) => ({
      pattern,
      learningRate: 0.3,
    })),
  ],
  generate: { kind: 'tabletopEpisodes', directory, episodes: 2400, seed: 1, tasks: ['pick'] },
  data: demonstrations('train'),
  validation: { data: demonstrations('validation') },
  tests: {
    heldOutScenes: demonstrations('heldOutScenes'),
    heldOutPhrasings: demonstrations('heldOutPhrasings'),
    heldOutPairs: demonstrations('heldOutPairs'),
  },
  augment: [
    synonyms({ probability: 0.2 }),
    paraphrase({ probability: 0.2 }),
    typos({ probability: 0.1 }),
    normalize({ mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] }),
  ],
  // Words of new phrasings stay whole: the commands alone know some seventy.
  texts: { vocabularySize: 3000, corpus: [{ kind: 'emoji', split: 'train' }] },
  images: { resolution: 64 },
  objective: behaviorCloning({ grounding: { label: box } }),
  optimizer: muon({ learningRate: 1e-3, beta2: 0.98, weightDecay: 0.01, matrixLearningRate: 0.02 }),
  schedule: cosine({ warmupSteps: 20 }),
  batches: { size: 32 },
  epochs: 1,
  seed: 7,
} satisfies Partial<RecipeInput>

/** A policy that picks up what it is told to, at 20 Hz from the head's camera: ACT (Zhao et al. 2023). */
export const tabletopAct = (): RecipeInput => ({
  ...fromDemonstrations,
  name: 'tabletop-act',
  model: policyWith({ head: 'act' }),
})

/** The same by flow matching, as π0 and SmolVLA. */
export const tabletopFlow = (): RecipeInput => ({
  ...fromDemonstrations,
  name: 'tabletop-flow',
  model: policyWith({ head: 'flow', decoderDepth: 2, steps: 5 }),
})
