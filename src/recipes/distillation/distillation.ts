import type { RuntimeOptions } from '../../deploy/index.ts'
import type { Model } from '../../models/index.ts'
import type { LossTerm, OutputsOf } from '../../training/index.ts'
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
  /** Load a teacher: a function that gives its outputs for a batch. @throws Errors of its runtime. */
  load(teacher: Teacher, inputs: TeacherInputs, options: RuntimeOptions): Promise<OutputsOf>
}
