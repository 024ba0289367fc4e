import { normalize, paraphrase, synonyms, typos } from '../../data/index.ts'
import { type PolicyOptions, policy } from '../../models/index.ts'
import { cosine, muon } from '../../optim/index.ts'
import type { EpisodeSplit } from '../../world/index.ts'
import { imitation } from '../objectives/imitation.ts'
import type { RecipeInput } from '../recipe/schema.ts'

/** Setting of a task: before the table, on the floor; undefined for both. */
type Setting = 'table' | 'floor' | undefined

/** Data set that all recipes share; the first of them makes it. */
const directory = 'data/tabletop'

const scenes = (directory: string, split: EpisodeSplit, setting: Setting) => ({
  kind: 'tabletop' as const,
  directory,
  split,
  ...(setting && { setting }),
})

/** Training, validation and test data of a recipe. */
const dataOf = (setting: Setting, from: string = directory) => ({
  data: scenes(from, 'train', setting),
  validation: { data: scenes(from, 'validation', setting) },
  tests: {
    heldOutScenes: scenes(from, 'heldOutScenes', setting),
    heldOutPhrasings: scenes(from, 'heldOutPhrasings', setting),
    heldOutPairs: scenes(from, 'heldOutPairs', setting),
  },
})

const heads = {
  detection: { kind: 'detection', box: 'box', category: 'category', classes: 6 },
  grasping: { kind: 'pose', label: 'grasp' },
  navigation: { kind: 'position', label: 'navigation' },
  manipulation: { kind: 'joints', label: 'joints' },
  placing: { kind: 'position', label: 'place' },
} as const satisfies PolicyOptions['heads']

type Task = keyof typeof heads

/** A policy with heads for these tasks. */
const policyFor = (tasks: readonly Task[]) =>
  policy({
    image: { size: 64, patch: 8, width: 128, depth: 3, heads: 4 },
    text: { length: 24, width: 128, depth: 1, heads: 4 },
    fusion: { width: 128, depth: 2, heads: 4 },
    heads: Object.fromEntries(tasks.map((task) => [task, heads[task]])),
    glances: 2,
    shared: 256,
    dropout: 0,
    activation: 'gelu',
  })

/** Reading of commands and pictures, the same in all recipes of the tabletop, so that one may begin with another's weights. */
export const commandsAndPictures = {
  augment: [
    synonyms({ probability: 0.2 }),
    paraphrase({ probability: 0.2 }),
    typos({ probability: 0.1 }),
    normalize({ mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] }),
  ],
  // Words of new phrasings stay whole: the commands alone know some seventy.
  texts: { vocabularySize: 3000, corpus: [{ kind: 'emoji', split: 'train' }] },
} satisfies Partial<RecipeInput>

/**
 * All keys but the tasks. They serve fast grounding of the words: the box of the object is a target of attention
 * (grounding), an image is encoded once for all of its commands, and Muon needs several times fewer samples than AdamW.
 */
const onTabletop = {
  generate: { kind: 'tabletop', directory, scenes: 12_000, seed: 1, commands: 4 },
  ...commandsAndPictures,
  objective: imitation({ grounding: { label: 'box' }, box: { beta: 0.05, overlap: 1 } }),
  optimizer: muon({ learningRate: 2e-3, beta2: 0.98, weightDecay: 0.01, matrixLearningRate: 0.02 }),
  schedule: cosine({ warmupSteps: 30 }),
  batches: { size: 128, groupImages: true },
  epochs: 8,
  seed: 7,
} satisfies Partial<RecipeInput>

const tabletop = (
  name: string,
  tasks: readonly Task[],
  setting?: Setting,
  from: string = directory,
): RecipeInput => ({
  ...onTabletop,
  ...dataOf(setting, from),
  name,
  model: policyFor(tasks),
})

/** Detection: box and kind of the commanded object. All scenes have one, so half the passes make as many steps. */
export const tabletopDetection = (): RecipeInput => ({
  ...tabletop('tabletop-detection', ['detection']),
  epochs: onTabletop.epochs / 2,
})

/** Grasping: the hand's pose that takes the commanded object. */
export const tabletopGrasping = () => tabletop('tabletop-grasping', ['grasping'], 'table')

/** Navigation: the position to drive to for the commanded object. */
export const tabletopNavigation = () => tabletop('tabletop-navigation', ['navigation'], 'floor')

/** Manipulation: the arm's joint angles that bring the hand to the commanded object. */
export const tabletopManipulation = () => tabletop('tabletop-manipulation', ['manipulation'], 'table')

/** All four tasks at once, from samples that each have labels for some of them. */
export const tabletopMultitask = () =>
  tabletop('tabletop-multitask', ['detection', 'grasping', 'navigation', 'manipulation'])

/** Scenes whose commands all are to put something, as one in eight of the others is. */
const putting = 'data/tabletop-put'

/**
 * Placing: where a thing is to lie that is put beside another. It begins with the policy of all tasks, which finds the thing;
 * the other one is what the second glance is taught to lie on. Poses and angles at the table are rehearsed.
 */
export const tabletopPlacing = (): RecipeInput => ({
  ...tabletop('tabletop-placing', ['detection', 'grasping', 'manipulation', 'placing'], 'table', putting),
  generate: { ...onTabletop.generate, directory: putting, setting: 'table', tasks: ['put'] },
  base: 'runs/tabletop-multitask',
  // Where to look for another word is learned at the full rate, what is seen there at less.
  parameters: [
    { pattern: '*', learningRate: 0.3 },
    ...['fusion.*', 'read_out.*', 'heads.placing.*'].map((pattern) => ({ pattern, learningRate: 1 })),
  ],
  objective: imitation({ grounding: { label: ['box', 'landmark'] }, box: onTabletop.objective.box }),
})

const stageOf = (name: string, task: Task, threshold: number, epochs: number) => ({
  name,
  heads: [task] as [Task],
  threshold,
  epochs,
  batches: { size: onTabletop.batches.size },
  rehearse: true,
})

/**
 * Stages from simple to complex, each on the weights of the one before: detection, navigation, grasping, manipulation.
 * Earlier tasks are trained further, or the base would forget them.
 */
export const tabletopProgressive = (): RecipeInput => ({
  ...tabletop('tabletop-progressive', ['detection', 'grasping', 'navigation', 'manipulation']),
  stages: [
    stageOf('find', 'detection', 0.7, 2),
    stageOf('go', 'navigation', 0.6, 2),
    stageOf('grasp', 'grasping', 0.5, 2),
    // Passed when the rate has nearly come down to its end.
    stageOf('reach', 'manipulation', 0.5, 4),
  ],
  // Fresh towers learn at one rate in every stage; those of a trained base would at a hundredth of it.
  parameters: [{ pattern: 'heads.*', learningRate: 1 }],
  // A stage ends when a validation passes its threshold: look often.
  validation: { ...dataOf(undefined).validation, everyEpochs: 0.5 },
})
