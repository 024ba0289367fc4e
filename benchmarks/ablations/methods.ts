import {
  captioning,
  type contrastive,
  cosine,
  curriculum,
  cutMix,
  distill,
  dualEncoder,
  masked,
  mixUp,
  normalize,
  progressiveDifficulty,
  type RecipeInput,
  recipes,
  siglip,
  sum,
  synonyms,
  typos,
  vlm,
} from '../../src/index.ts'

/** A training of the ablations: a recipe, and the trainings whose results it begins with. */
export interface Training {
  readonly recipe: RecipeInput
  /** Names of the trainings that it takes weights from or has as teachers; each of the same seed. */
  readonly after?: readonly string[]
}

/** A method beside the same training without it. */
export interface Comparison {
  readonly method: string
  readonly with: string
  readonly without: string
}

/** Directory of a training of this seed. */
export type DirectoryOf = (training: string) => string

/** Passes and batch of every training but those of teachers, which have more: as many steps for all methods. */
const epochs = 3
const size = 256

const emoji = recipes.emoji!()
const plain = normalize({ mean: [0.5, 0.5, 0.5], std: [1 / 3, 1 / 3, 1 / 3] })
/** The model of `emoji` with an image tower of half its width. */
const sizes = {
  image: { size: 32, patch: 32, width: 192, depth: 2, heads: 6 },
  text: { length: 24, width: 128, depth: 1, heads: 4 },
  projection: 128,
  initialScale: 14,
}
const metric = 'imageToText.R@5'

/** The recipe `emoji`, smaller and shorter. */
const short = {
  ...emoji,
  model: dualEncoder(sizes),
  epochs,
  batches: { ...emoji.batches, size },
  schedule: cosine({ warmupSteps: 15 }),
  validation: { ...emoji.validation, everyEpochs: epochs },
  checkpoints: { everyEpochs: epochs, keep: 1 },
} satisfies RecipeInput

/** AdamW at a rate that is usual for models of this size; no other was tried. */
const adamW = { kind: 'adamW', learningRate: 1e-3, beta2: 0.98, weightDecay: 0.1 }

/** A small model with 16 patches, which masks and captions need; the same for all of its comparisons. */
const patches = vlm({
  image: { size: 32, patch: 8, width: 96, depth: 2, heads: 3 },
  text: { length: 24, width: 128, depth: 1, heads: 4 },
  projection: 128,
  masked: { width: 128, depth: 1, heads: 4 },
  decoder: { width: 128, depth: 1, heads: 4 },
})

/** Drawings of five styles, for a base, and of the two others, which the base has not seen. */
const [seen, unseen] = [
  ['google', 'noto', 'emojione', 'oreo', 'streamline'],
  ['twitter', 'fxemoji'],
] as const
const firstData = { kind: 'emoji', split: 'train', styles: [...seen] }
const nextData = { kind: 'emoji', split: 'train', styles: [...unseen] }

type Contrastive = ReturnType<typeof contrastive>
const contrast: Contrastive = { kind: 'contrastive' }

/** Every training by its name, in the order of their making. */
export function trainings(directoryOf: DirectoryOf): Readonly<Record<string, Training>> {
  const taught = (kind: 'logits' | 'features' | 'interactive' | 'affinity' | 'relational'): Training => ({
    recipe: { ...short, distillation: distill({ teacher: directoryOf('teacher'), terms: [{ kind }] }) },
    after: ['teacher'],
  })
  const tuned = (own: Partial<RecipeInput>): Training => ({
    recipe: { ...short, data: nextData, base: directoryOf('base'), ...own },
    after: ['base'],
  })
  const adapted = (rank: number): Training =>
    tuned({ lora: { rank, alpha: rank, targetModules: ['*.q_proj', '*.v_proj', '*.fc1', '*.fc2'] } })
  return {
    plain: { recipe: short },
    adamW: { recipe: { ...short, optimizer: adamW } },
    siglip: { recipe: { ...short, model: siglip(sizes) } },
    unaugmented: { recipe: { ...short, augment: [plain] } },
    textAugmentation: { recipe: { ...short, augment: [...short.augment!, synonyms(), typos()] } },
    mixUp: { recipe: { ...short, mix: [mixUp()] } },
    cutMix: { recipe: { ...short, mix: [cutMix()] } },
    curriculum: { recipe: sampled(curriculum({ metric })) },
    progressiveDifficulty: { recipe: sampled(progressiveDifficulty({ metric })) },
    average: { recipe: { ...short, averageDecay: 0.98 } },
    patches: { recipe: { ...short, model: patches, objective: contrast } },
    masked: {
      recipe: { ...short, model: patches, objective: sum([contrast, { ...masked(), weight: 0.5 }]) },
    },
    captioning: { recipe: { ...short, model: patches, objective: sum([contrast, captioning()]) } },
    teacher: { recipe: { ...short, epochs: 3 * epochs } },
    logits: taught('logits'),
    features: taught('features'),
    interactive: taught('interactive'),
    affinity: taught('affinity'),
    relational: taught('relational'),
    base: { recipe: { ...short, data: firstData } },
    fineTuned: tuned({}),
    fromScratch: { recipe: { ...short, data: nextData } },
    lit: tuned({
      parameters: [
        { pattern: 'vision_model.*', freeze: true },
        { pattern: 'visual_projection.*', freeze: true },
      ],
    }),
    lora4: adapted(4),
    lora16: adapted(16),
    lora64: adapted(64),
  }
}

/** The methods, each beside what it is compared with. */
export const comparisons: readonly Comparison[] = [
  { method: 'Muon, beside AdamW at 1e-3', with: 'plain', without: 'adamW' },
  { method: "SigLIP's loss, beside InfoNCE", with: 'siglip', without: 'plain' },
  { method: 'image augmentation (`randomAffine`, `colorJitter`)', with: 'plain', without: 'unaugmented' },
  { method: 'text augmentation (`synonyms`, `typos`)', with: 'textAugmentation', without: 'plain' },
  { method: 'MixUp', with: 'mixUp', without: 'plain' },
  { method: 'CutMix', with: 'cutMix', without: 'plain' },
  { method: 'curriculum', with: 'curriculum', without: 'plain' },
  { method: 'progressive difficulty', with: 'progressiveDifficulty', without: 'plain' },
  { method: 'average of the weights (EMA, 0.98)', with: 'average', without: 'plain' },
  { method: 'masked loss beside contrast, 16 patches', with: 'masked', without: 'patches' },
  { method: 'captioning loss beside contrast, 16 patches', with: 'captioning', without: 'patches' },
  ...['logits', 'features', 'interactive', 'affinity', 'relational'].map((term) => ({
    method: `distillation by \`${term}\`, from the same model trained three times as long`,
    with: term,
    without: 'plain',
  })),
  { method: 'a base of five styles, on the two others', with: 'fineTuned', without: 'fromScratch' },
  { method: 'locked image tower (LiT), beside all of the base', with: 'lit', without: 'fineTuned' },
  ...[4, 16, 64].map((rank) => ({
    method: `LoRA of rank ${rank}, beside all of the base`,
    with: `lora${rank}`,
    without: 'fineTuned',
  })),
]

/** The short recipe with a sampler, validated often enough for a sampler that follows the validation. */
function sampled(sampler: NonNullable<RecipeInput['batches']['sampler']>): RecipeInput {
  return {
    ...short,
    batches: { ...short.batches, sampler },
    validation: { ...short.validation, everyEpochs: 0.5 },
  }
}
