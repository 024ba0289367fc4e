import { z } from 'zod'
import { activationNames } from '../../nn/index.ts'
import { clipTextConfig, clipVisionConfig } from '../clip/config.ts'

const count = z.int().positive()
const label = z.string().min(1)

const chance = z.number().min(0).lt(1)

/** What every head has: the widths of its hidden layers, and what part of them is dropped. */
const layers = {
  hidden: z.array(count).default([256]),
  /** Default: the model's. */
  dropout: chance.optional(),
}

/**
 * What turns a head's last layer into a label's unit: `mean` is added, and the layer's outputs are multiplied by
 * `scale`, one number for all, so that metres and radians all begin near 1. Default: taken from the training data.
 */
const unit = { mean: z.array(z.number()).optional(), scale: z.number().positive().optional() }

/** A head: what it predicts, and under which names the truth stands in the batches. */
export const headConfig = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('detection'),
    box: label,
    /** The label that says what kind of object it is; without it there is no class. */
    category: label.optional(),
    classes: count.default(80),
    ...layers,
    ...unit,
  }),
  z.strictObject({ kind: z.literal('pose'), label, ...layers, ...unit }),
  z.strictObject({ kind: z.literal('position'), label, ...layers, ...unit }),
  z.strictObject({ kind: z.literal('joints'), label, length: count.default(7), ...layers, ...unit }),
  z.strictObject({ kind: z.literal('regression'), label, length: count, ...layers, ...unit }),
  z.strictObject({ kind: z.literal('classification'), label, classes: count, ...layers }),
])

/** Sizes of the layers in which the words look at the image. */
const fusionConfig = z.strictObject({
  hidden_size: count.default(192),
  intermediate_size: count.default(768),
  num_hidden_layers: count.default(2),
  num_attention_heads: count.default(6),
  hidden_act: z.enum(activationNames).default('gelu'),
  layer_norm_eps: z.number().positive().default(1e-5),
})

/** Keys of a policy's `config.json`. The towers have the keys of Hugging Face's `CLIPConfig`. */
export const policyConfig = z.object({
  model_type: z.literal('visuomotor_policy').default('visuomotor_policy'),
  text_config: clipTextConfig.prefault({}),
  vision_config: clipVisionConfig.prefault({}),
  fusion_config: fusionConfig.prefault({}),
  /** Places at which the read-out looks at once. */
  glances: count.default(4),
  /** Width of the layer that all heads share. */
  shared_size: count.default(512),
  /** Chance with which a hidden number of the shared layer and of the heads is dropped in training. */
  dropout: chance.default(0.1),
  heads: z
    .record(z.string().regex(/^[a-z][a-zA-Z0-9]*$/, 'letters and digits, a small letter first'), headConfig)
    .refine((heads) => Object.keys(heads).length > 0, 'at least one head'),
})

export type PolicyConfig = z.infer<typeof policyConfig>
export type HeadConfig = z.infer<typeof headConfig>
export type FusionConfig = PolicyConfig['fusion_config']

/** Numbers of a head's last layer. */
export function outputsOf(head: HeadConfig): number {
  switch (head.kind) {
    case 'detection':
      return 4 + (head.category === undefined ? 0 : head.classes)
    case 'pose':
      return 6
    case 'position':
      return 3
    case 'classification':
      return head.classes
    case 'joints':
    case 'regression':
      return head.length
  }
}

/** The labels that a head learns from. */
export const labelsOf = (head: HeadConfig): readonly string[] =>
  head.kind === 'detection'
    ? [head.box, ...(head.category === undefined ? [] : [head.category])]
    : [head.label]
