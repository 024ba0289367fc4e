import { type ChunkPolicyOptions, chunkPolicy } from '../../models/index.ts'
import { cosine, muon } from '../../optim/index.ts'
import { type EpisodeSplit, episodeFeatures } from '../../world/index.ts'
import { behaviorCloning } from '../objectives/behavior-cloning.ts'
import type { RecipeInput } from '../recipe/schema.ts'
import { commandsAndPictures } from './tabletop.ts'

const { head, box, landmark } = episodeFeatures

/** Task of a policy, and how far one look leads. */
interface Task {
  readonly action: 'pick' | 'put'
  /** Demonstrations, which recipes of the same task share; the first of them makes them. */
  readonly directory: string
  readonly episodes: number
  /** Share of second tries among them, and whether their edges are smooth. */
  readonly secondTries: number
  readonly smooth: boolean
  /**
   * Actions of a chunk at 20 Hz: all of a task. So every picture teaches where the hand will close, and the first of them, which no
   * arm is in, is what the whole reach follows.
   */
  readonly chunk: number
  /** Actions of a chunk that are carried out. */
  readonly actionSteps: number
  /** Last frames of a demonstration that are not learned from, and passes over the others. */
  readonly dropLastFrames: number
  readonly epochs: number
  /** Run of a one-shot policy with whose eyes it begins. */
  readonly base: string
  /** Heads of that policy whose answers the actions begin with. */
  readonly glanceHeads: NonNullable<ChunkPolicyOptions['glanceHeads']>
  /** Boxes for the loss that teaches each glance where to look. */
  readonly boxes: [string, ...string[]]
}

/** Head that tells where and how the hand takes a thing. */
const graspHead = { grasping: { kind: 'pose', label: 'grasp' } } as const

const picking: Task = {
  action: 'pick',
  directory: 'data/tabletop-episodes',
  episodes: 1200,
  secondTries: 0.3,
  smooth: false,
  chunk: 48,
  actionSteps: 24,
  // Half of a chunk is carried out, so what counts are pictures from before the grasp, and from after a miss: the first 26 of 46.
  dropLastFrames: 20,
  epochs: 1.77,
  base: 'runs/tabletop-multitask',
  glanceHeads: graspHead,
  boxes: [box],
}

const putting: Task = {
  action: 'put',
  directory: 'data/tabletop-put-episodes',
  episodes: 2400,
  secondTries: 0.15,
  smooth: true,
  chunk: 84,
  actionSteps: 84,
  // All of a chunk is carried out, so what counts are pictures from before the grasp: the first 24 of 82.
  dropLastFrames: 58,
  epochs: 1.7,
  base: 'runs/tabletop-placing',
  glanceHeads: { ...graspHead, placing: { kind: 'position', label: 'place' } },
  boxes: [box, landmark],
}

const policyFor = (
  { chunk, actionSteps, glanceHeads }: Task,
  options: Pick<ChunkPolicyOptions, 'head' | 'decoderDepth' | 'steps'>,
) =>
  chunkPolicy({
    ...options,
    cameras: [head],
    // The pose of the hand, and the gripper.
    state: 7,
    action: 7,
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

/** All keys but name and policy; see docs/tabletop-chunks.md. It begins with the eyes of a one-shot policy. */
function fromDemonstrations({ action, directory, chunk, base, boxes, ...made }: Task) {
  const demonstrations = (split: EpisodeSplit) => ({
    kind: 'lerobot' as const,
    directory: `${directory}/${split}`,
    cameras: [head] as [string],
    chunk,
    dropLastFrames: made.dropLastFrames,
    deltaTimestamps: Object.fromEntries(boxes.map((name) => [name, [0] as [number]])),
  })
  return {
    base,
    parameters: [
      { pattern: 'text_model.*', freeze: true },
      // The arm comes between: what sees must learn to see past it, and keep what it knows.
      ...['vision_model.*', 'fusion.*', 'read_out.*', 'shared.*', 'heads.*'].map((pattern) => ({
        pattern,
        learningRate: 0.3,
      })),
    ],
    generate: {
      kind: 'tabletopEpisodes',
      directory,
      episodes: made.episodes,
      secondTries: made.secondTries,
      smooth: made.smooth,
      seed: 1,
      tasks: [action],
      actionSpace: 'ee',
      wrist: false,
    },
    data: demonstrations('train'),
    validation: { data: demonstrations('validation') },
    tests: {
      heldOutScenes: demonstrations('heldOutScenes'),
      heldOutPhrasings: demonstrations('heldOutPhrasings'),
      heldOutPairs: demonstrations('heldOutPairs'),
    },
    ...commandsAndPictures,
    images: { resolution: 64 },
    objective: behaviorCloning({ grounding: { label: boxes } }),
    optimizer: muon({ learningRate: 1e-3, beta2: 0.98, weightDecay: 0.01, matrixLearningRate: 0.02 }),
    schedule: cosine({ warmupSteps: 20 }),
    batches: { size: 32 },
    epochs: made.epochs,
    seed: 7,
  } satisfies Partial<RecipeInput>
}

/** A policy that picks up what it is told to, at 20 Hz from the head's camera: ACT (Zhao et al. 2023). */
export const tabletopAct = (): RecipeInput => ({
  ...fromDemonstrations(picking),
  name: 'tabletop-act',
  model: policyFor(picking, { head: 'act' }),
})

/** The same by flow matching, as π0 and SmolVLA. */
export const tabletopFlow = (): RecipeInput => ({
  ...fromDemonstrations(picking),
  name: 'tabletop-flow',
  model: policyFor(picking, { head: 'flow', decoderDepth: 2, steps: 5 }),
})

/** ACT that puts what it is told to beside another thing, or on it. */
export const tabletopPut = (): RecipeInput => ({
  ...fromDemonstrations(putting),
  name: 'tabletop-put',
  model: policyFor(putting, { head: 'act' }),
})
