import { colorJitter, normalize, randomAffine, randomErasing, randomGrayscale } from '../../data/index.ts'
import { dualEncoder } from '../../models/index.ts'
import { cosine, muon } from '../../optim/index.ts'
import { contrastive } from '../objectives/contrastive.ts'
import { distill } from '../recipe/distillation.ts'
import type { RecipeInput } from '../recipe/schema.ts'

const normalization = normalize({ mean: [0.5, 0.5, 0.5], std: [1 / 3, 1 / 3, 1 / 3] })

const rates = { learningRate: 3e-3, beta2: 0.98, weightDecay: 0.1, matrixLearningRate: 0.02 }

/**
 * A CLIP from scratch on emoji in seven styles, with two held-out tests: a style and concepts never trained on.
 *
 * The choices serve learning from few samples. One patch of 32 pixels a side, so that a drawing
 * reaches the layers as a whole; the names only, in texts that leave room for what others put around a name; no two
 * drawings of an emoji in a batch, so that every negative is one; and Muon, which needs several times fewer samples
 * than AdamW (docs/recipes.md has the figures).
 */
const onEmoji = {
  data: { kind: 'emoji', split: 'train' },
  validation: { data: { kind: 'emoji', split: 'validation' } },
  tests: {
    heldOutStyle: { kind: 'emoji', split: 'heldOutStyle' },
    heldOutConcepts: { kind: 'emoji', split: 'heldOutConcepts' },
  },
  images: { resolution: 32, fit: 'contain' },
  augment: [
    // An emoji's meaning survives little turning: thumbs up, thumbs down. No flips: left arrow, right arrow.
    randomAffine({ degrees: 8, translate: 0.06, scale: [0.8, 1.12], shear: 4 }),
    colorJitter({ brightness: 0.25, contrast: 0.25, saturation: 0.4, hue: 0.04 }),
    normalization,
  ],
  texts: { firstCaption: 1, vocabularySize: 2000 },
  model: dualEncoder({
    image: { size: 32, patch: 32, width: 384, depth: 2, heads: 6 },
    text: { length: 24, width: 128, depth: 1, heads: 4 },
    projection: 128,
    initialScale: 14,
  }),
  objective: contrastive(),
  optimizer: muon(rates),
  batches: { size: 512, uniqueConcepts: true },
  seed: 7,
} satisfies Partial<RecipeInput>

/** The main recipe: under five minutes on two cores. */
export const emoji = (): RecipeInput => ({
  ...onEmoji,
  name: 'emoji',
  schedule: cosine({ warmupSteps: 15 }),
  epochs: 25,
  validation: { ...onEmoji.validation, everyEpochs: 5 },
  checkpoints: { everyEpochs: 5 },
})

/**
 * The long recipe, at most thirty minutes on two cores: eight times as long, with an average of the weights. So long a
 * run memorizes the drawings, so they are augmented more and the matrices decay.
 */
export const emojiLong = (): RecipeInput => ({
  ...onEmoji,
  name: 'emoji-long',
  augment: [
    randomAffine({ degrees: 10, translate: 0.07, scale: [0.75, 1.15], shear: 6 }),
    colorJitter({ brightness: 0.3, contrast: 0.3, saturation: 0.5, hue: 0.06 }),
    randomGrayscale({ probability: 0.1 }),
    randomErasing({ probability: 0.15, scale: [0.02, 0.2] }),
    normalization,
  ],
  optimizer: muon({ ...rates, matrixWeightDecay: 0.1 }),
  schedule: cosine({ warmupSteps: 40 }),
  averageDecay: 0.995,
  epochs: 200,
  validation: { ...onEmoji.validation, everyEpochs: 10 },
  checkpoints: { everyEpochs: 10 },
})

/**
 * A CLIP whose images are sixteen patches of 8 pixels, as transformers are known, in twelve minutes on two cores. From so
 * few samples such a tower learns slowly by itself; it has the model of `emoji` as its teacher, whose image is one patch.
 * `--set distillation.teachers.0=DIRECTORY` names another teacher.
 */
export const emojiVit = (): RecipeInput => ({
  ...emojiLong(),
  name: 'emoji-vit',
  model: dualEncoder({
    image: { size: 32, patch: 8, width: 192, depth: 3, heads: 6 },
    text: { length: 24, width: 128, depth: 1, heads: 4 },
    projection: 128,
    initialScale: 14,
  }),
  distillation: distill({
    teacher: 'runs/emoji',
    terms: [{ kind: 'features', weight: 4 }, { kind: 'interactive' }],
  }),
  epochs: 60,
})

/**
 * A student with a quarter of the parameters of `emoji-long`, which it learns from; the same student without a teacher is
 * its control, at as many steps. `--set distillation.teachers.0=DIRECTORY` names another teacher.
 */
export const emojiDistill = (): RecipeInput => ({
  ...emoji(),
  name: 'emoji-distill',
  model: dualEncoder({
    image: { size: 32, patch: 32, width: 192, depth: 1, heads: 3 },
    text: { length: 24, width: 64, depth: 1, heads: 2 },
    projection: 128,
    initialScale: 14,
  }),
  distillation: distill({
    teacher: 'runs/emoji-long',
    terms: [{ kind: 'logits' }, { kind: 'features' }],
    control: true,
  }),
})
