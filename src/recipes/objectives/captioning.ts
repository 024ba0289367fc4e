import { z } from 'zod'
import { shellWord } from '../../core/index.ts'
import { CaptionRuntime } from '../../deploy/index.ts'
import { captionExamples } from '../../evaluation/index.ts'
import { hasDecoder, type VlmModel } from '../../models/index.ts'
import { namedParameters } from '../../nn/index.ts'
import { captionReport, captionTable, humanize } from '../../report/index.ts'
import {
  type CaptionMetrics,
  cachedFeatureTask,
  captioningLoss,
  captioningOf,
  captionMetrics,
} from '../../training/index.ts'
import type { Objective, ResultsByTest } from './objective.ts'
import { WordParts } from './word-parts.ts'

/** Options of captioning. */
export interface CaptioningOptions {
  readonly kind: 'captioning'
}

/** The objective of a decoder of captions: each next word, given the image and the words before; see `captioningLoss`. */
export const captioning = (): CaptioningOptions => ({ kind: 'captioning' })

/** A model that learns to write captions, measured by the words it foretells. */
export const captioningObjective = {
  schema: z.strictObject({ kind: z.literal('captioning') }),
  refusal: (model) =>
    hasDecoder(model)
      ? undefined
      : `a ${model.model_type} model writes no captions; take vlm({ …, decoder: { … } }), whose config has a decoder_config`,
  metrics: () => ({ wordAccuracy: 'max', perplexity: 'min' }),
  monitor: () => 'perplexity',
  captions: () => 'first',
  buildsFirst: true,
  losses: (model) => captioningLoss(model),
  evaluator: (model) => captioningOf(model),
  task: (model, { seed, machine: { precision } }) =>
    cachedFeatureTask({
      name: 'captioning',
      parameters: namedParameters(model),
      precision,
      seed,
      ...captioningLoss(model),
      evaluator: captioningOf(model),
    }),
  load: (directory, options) => CaptionRuntime.load(directory, options),
  async test(runtime, { name, source, open }) {
    const { eos_token_id } = runtime.description.model.config.text_config
    const words = new WordParts()
    const metrics = await captionMetrics(runtime.runner, eos_token_id, open(), (id, counts) =>
      words.add(id, counts),
    )
    const strips = await captionExamples(runtime, source)
    return {
      metrics,
      grids: [{ title: `${humanize(name)}: captions`, strips }],
      samples: { wordAccuracy: words.of('right') },
    }
  },
  table: (results: ResultsByTest<CaptionMetrics>) => captionTable(results),
  report: (results: ResultsByTest<CaptionMetrics>) => captionReport(results),
  next: async (directory) => `export ${shellWord(directory)}`,
} satisfies Objective<CaptioningOptions, VlmModel, CaptionRuntime, CaptionMetrics>
