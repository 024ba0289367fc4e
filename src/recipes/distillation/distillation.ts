import type { RuntimeOptions } from '../../deploy/index.ts'
import type { Model } from '../../models/index.ts'
import type { LossTerm, ModelState, OutputsOf } from '../../training/index.ts'
import type { DistillationTerm } from '../recipe/distillation.ts'
import type { Recipe } from '../recipe/schema.ts'
import type { Teacher } from './teacher.ts'
import type { TeacherInputs } from './teacher-inputs.ts'

/** Rules by which the students of an objective learn from teachers: a part of the objective's row. */
export interface Distillation<M extends Model = Model> {
  /** Kinds of terms that compare such models. */
  readonly kinds: readonly DistillationTerm['kind'][]
  /** Terms of a recipe that names none. */
  readonly usual: readonly [DistillationTerm, ...DistillationTerm[]]
  /** Refuse a teacher that does not fit. @throws ConfigError `config/distillation`. */
  requireFitting(student: M, teacher: Teacher, terms: readonly DistillationTerm[], recipe: Recipe): void
  /** The losses that compare a student with its teachers. */
  losses(
    student: M,
    teachers: readonly Teacher[],
    terms: readonly DistillationTerm[],
    recipe: Recipe,
  ): readonly LossTerm[]
  /**
   * Outputs of a model with the values that its training has now, as a teacher of this name whose `scale` is 1 gives them.
   * Default: a model of this kind cannot teach its own sub-networks.
   */
  inPlace?(model: M, name: string, state: Pick<ModelState, 'engine' | 'values'>): Promise<OutputsOf>
  /** Load a teacher: a function that gives its outputs for a batch. @throws Errors of its runtime. */
  load(teacher: Teacher, inputs: TeacherInputs, options: RuntimeOptions): Promise<OutputsOf>
}
