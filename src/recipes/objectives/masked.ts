import { z } from 'zod'
import { shellWord } from '../../core/index.ts'
import { type LoadedMaskedModel, loadMaskedModel } from '../../deploy/index.ts'
import { MaskedExamples } from '../../evaluation/index.ts'
import { hasMasks, type VlmModel } from '../../models/index.ts'
import { namedParameters } from '../../nn/index.ts'
import { humanize, maskedReport, maskedTable } from '../../report/index.ts'
import {
  cachedFeatureTask,
  frozenPatches,
  type MaskedMetrics,
  maskedLoss,
  maskedMetrics,
  maskedOf,
  textsWithoutWords,
} from '../../training/index.ts'
import type { Objective, ResultsByTest } from './objective.ts'
import { WordParts } from './word-parts.ts'

const weight = z.number().nonnegative()

/** Options of masked modelling. How much is masked, and how, is in the model's `masked_config`. */
const maskedOptions = z.strictObject({
  kind: z.literal('masked'),
  /** Factors of the losses of patches and words, of which one at least is not 0. */
  weights: z
    .strictObject({ patches: weight.default(1), words: weight.default(1) })
    .refine(({ patches, words }) => patches + words > 0, 'one of both weights must be above 0')
    .prefault({}),
  /** Share of the samples whose words are predicted without the image. */
  withoutImage: z.number().min(0).lt(1).default(0.1),
})

type MaskedOptions = z.output<typeof maskedOptions>

/** The objective of masked modelling: masked patches and words are reconstructed; see `maskedLoss`. */
export const masked = (options: Omit<z.input<typeof maskedOptions>, 'kind'> = {}) =>
  ({ kind: 'masked', ...options }) as const

/** A model that reconstructs masked patches and words; its control in tests reads the words alone. */
export const maskedObjective = {
  schema: maskedOptions,
  refusal: (model) =>
    hasMasks(model)
      ? undefined
      : `a ${model.model_type} model reconstructs nothing; take vlm({ …, masked: { … } }), whose config has a masked_config`,
  *problems({ model, base }) {
    if (!hasMasks(model) || model.masked_config.target === 'pixels' || base !== undefined) return
    yield [
      'features are those of the base, and there is none; a tower of random weights has nothing to teach. Name a base, or ' +
        'predict pixels',
      'model',
      'masked_config',
      'target',
    ]
  },
  async outputs(model, _, { engine, base }) {
    if (model.config.masked_config!.target === 'pixels') return []
    return [await frozenPatches(engine, model, base()!.weights)]
  },
  metrics: ({ model }) => ({
    ...(hasMasks(model) && model.masked_config.target === 'pixels' && { patchError: 'min' as const }),
    ...Object.fromEntries(
      ['withImage', 'withoutImage', 'otherImages'].flatMap((read) => [
        [`${read}.accuracy`, 'max'],
        [`${read}.loss`, 'min'],
      ]),
    ),
    'imageGain.accuracy': 'max',
    'imageGain.loss': 'max',
  }),
  monitor: () => 'withImage.loss',
  captions: () => 'first',
  losses: (model, { objective }) => maskedLoss(model, objective),
  evaluator: (model) => maskedOf(model),
  remark: (model) => textsWithoutWords(model),
  task: (model, recipe) =>
    cachedFeatureTask({
      name: 'masked',
      parameters: namedParameters(model),
      precision: recipe.machine.precision,
      seed: recipe.seed,
      ...maskedLoss(model, recipe.objective),
      remark: textsWithoutWords(model),
      evaluator: maskedOf(model),
    }),
  load: (directory, options) => loadMaskedModel(directory, options),
  async test({ description, runner }, { name, open }) {
    const examples = new MaskedExamples(description)
    const [told, toldAlone] = [new WordParts(), new WordParts()]
    const metrics = await maskedMetrics(
      runner,
      description.model,
      open(),
      (round) => examples.add(round),
      (id, { withImage, withoutImage }) => {
        told.add(id, withImage)
        toldAlone.add(id, withoutImage)
      },
    )
    const strips = await examples.strips()
    return {
      metrics,
      grids: [{ title: `${humanize(name)}: what was behind the masks`, note: gridNote, strips }],
      samples: {
        'withImage.accuracy': told.of('right'),
        'withImage.loss': told.of('loss'),
        'imageGain.accuracy': { ...told.less(toldAlone, 'right'), unit: 'points' },
        'imageGain.loss': toldAlone.less(told, 'loss'),
      },
    }
  },
  table: (results: ResultsByTest<MaskedMetrics>) => maskedTable(results),
  report: (results: ResultsByTest<MaskedMetrics>) => maskedReport(results),
  next: async (directory) => `export ${shellWord(directory)}`,
} satisfies Objective<MaskedOptions, VlmModel, LoadedMaskedModel, MaskedMetrics>

const gridNote =
  'The image as the model sees it, with its masked patches in grey, and with what the model put in their place: the patterns ' +
  'that it predicts, at the true mean and contrast of each patch, which normalized pixels leave open.'
