import { z } from 'zod'
import type { Recipe } from './schema.ts'

const weight = z.number().nonnegative().default(1)
const temperature = z.number().positive()

/** A loss that compares a student with its teachers. */
const term = z.discriminatedUnion('kind', [
  /** Similarities of images and texts, softened. */
  z.strictObject({ kind: z.literal('logits'), weight, temperature: temperature.default(4) }),
  /** Features themselves, behind a learned projection where the widths differ. */
  z.strictObject({ kind: z.literal('features'), weight }),
  /** Images against the teacher's texts, and texts against its images. */
  z.strictObject({ kind: z.literal('interactive'), weight }),
  /** Affinities of images and texts, each model at its own scale. */
  z.strictObject({ kind: z.literal('affinity'), weight, temperature: temperature.default(1) }),
  /** Similarities of images to each other, and of texts to each other. */
  z.strictObject({ kind: z.literal('relational'), weight }),
  /** Outputs of a policy's heads; classes are softened. */
  z.strictObject({ kind: z.literal('outputs'), weight, temperature: temperature.default(4) }),
  /** The attention of a policy's first glance over the patches. */
  z.strictObject({ kind: z.literal('attention'), weight }),
])

/** Outputs of the teachers that are computed once and stored. */
const store = z.strictObject({
  /** Directory of the store, which other runs on the same data may use too. */
  directory: z.string(),
  /**
   * Number of augmentations of each sample, through which the passes go round. Default: one for each pass of the run, so that
   * it sees what it would see with live teachers.
   */
  variants: z.int().positive().optional(),
  /** Seed of these augmentations. Default: the recipe's. */
  seed: z.int().optional(),
})

/** Teachers, and what a student learns from them: see docs/recipes.md. */
export const distillation = z.strictObject({
  /** Folders of the teachers: runs, bundles or of Hugging Face's. */
  teachers: z.array(z.string()).nonempty(),
  /** SHA-256 of each teacher, which a run writes down when it begins. */
  digests: z.array(z.string()).optional(),
  /** Losses that compare the student with its teachers. Default: the objective's. */
  terms: z
    .array(term)
    .nonempty()
    .refine((terms) => new Set(terms.map(({ kind }) => kind)).size === terms.length, 'each kind once')
    .optional(),
  /** Share of the teachers in the loss; the objective's own loss has the rest. */
  alpha: z.number().min(0).max(1).default(0.7),
  /** Begin with weights that are cut from the first teacher's, as far as the shapes allow. */
  inherit: z.boolean().default(false),
  /** Train the student once more without teachers, and put its results into the summary. */
  control: z.boolean().default(false),
  store: store.optional(),
})

export type DistillationTerm = z.output<typeof term>

/** Options of {@link distill}. */
export interface DistillOptions extends Omit<z.input<typeof distillation>, 'teachers' | 'digests'> {
  /** A run, bundle or Hugging Face folder; several are an ensemble. */
  readonly teacher: string | readonly [string, ...string[]]
}

/**
 * Distillation as a recipe's `distillation`: loss = α · Σ weight · term + (1 − α) · the objective's own loss (Hinton et al.
 * 2015). Teachers are frozen, and may be of another size, resolution and tokenizer.
 * @param options `alpha` default 0.7; `terms` default `[{ kind: 'logits' }]` at T = 4, of a policy `[{ kind: 'outputs' }]`.
 */
export const distill = ({ teacher, ...options }: DistillOptions): z.input<typeof distillation> => ({
  teachers: typeof teacher === 'string' ? [teacher] : [...teacher],
  ...options,
})

/** A recipe without its teachers, and without rules for what only they bring. */
export function withoutTeachers({ distillation: _, parameters, ...recipe }: Recipe): Recipe {
  return { ...recipe, parameters: parameters.filter(({ pattern }) => !pattern.startsWith('distillation.')) }
}
