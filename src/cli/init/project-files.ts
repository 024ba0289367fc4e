const recipe = `import { adamW, cosine, dualEncoder, folder, imageNetStatistics, normalize, randomResizedCrop, type RecipeInput } from 'visuomotor'

// A model that finds pictures by words. Put your own into photos/, a line for each into the captions files,
// {"file": "beach.jpg", "caption": "a dog on a beach"}, and train again: with more and larger pictures take
// size: 64, width: 192 and batches of 128.
export default {
  name: 'photos',
  data: folder('photos', { captions: 'train.jsonl' }),
  validation: { data: folder('photos', { captions: 'validation.jsonl' }), everyEpochs: 5 },
  tests: { validation: folder('photos', { captions: 'validation.jsonl' }) },
  augment: [randomResizedCrop(32, { scale: [0.8, 1] }), normalize(imageNetStatistics)],
  model: dualEncoder({
    image: { size: 32, patch: 8, width: 96, depth: 2, heads: 3 },
    text: { length: 16, width: 96, depth: 1, heads: 3 },
  }),
  optimizer: adamW({ learningRate: 2e-3, weightDecay: 0.1 }),
  schedule: cosine({ warmupEpochs: 2 }),
  batches: { size: 24 },
  epochs: 20,
} satisfies RecipeInput
`

const compilerOptions = {
  module: 'NodeNext',
  target: 'ES2022',
  strict: true,
  noEmit: true,
  skipLibCheck: true,
}

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`

/**
 * Texts of a new project by file.
 * @param dependency Version or place of this package for `package.json`; undefined where it is installed already.
 */
export const projectFiles = (dependency: string | undefined): Readonly<Record<string, string>> => ({
  'recipe.ts': recipe,
  'package.json': json({
    private: true,
    type: 'module',
    scripts: { train: 'visuomotor train recipe.ts' },
    ...(dependency !== undefined && { dependencies: { visuomotor: dependency } }),
  }),
  'tsconfig.json': json({ compilerOptions, include: ['*.ts'] }),
  '.gitignore': 'node_modules/\nruns/\n',
})
