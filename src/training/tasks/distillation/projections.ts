import type { Tensor } from '../../../graph/index.ts'
import { normalInit, Parameter } from '../../../nn/index.ts'

/** Linear maps of the student's features into the spaces of its teachers, where the widths differ. */
export interface Projections {
  readonly parameters: ReadonlyMap<string, Parameter>
  /** [batch, student's width] → [batch, teacher's width], not normalized. */
  project(teacher: { readonly name: string }, tower: 'image' | 'text', features: Tensor): Tensor
}

/**
 * Projections to teachers of another width, learned with the student and left behind when it is exported:
 * `distillation.<teacher>.image.weight` and `….text.weight` [teacher's width, student's width]. At the teacher's own width
 * there is none.
 */
export function projectionsTo(
  teachers: readonly { readonly name: string; readonly width: number }[],
  width: number,
): Projections {
  const named = teachers
    .filter((teacher) => teacher.width !== width)
    .flatMap((teacher) =>
      ['image', 'text'].map((tower) => [weightName(teacher, tower), teacher.width] as const),
    )
  const parameters = new Map(
    named.map(([name, outputs]) => {
      const parameter = new Parameter([outputs, width], normalInit(width ** -0.5))
      parameter.name = name
      return [name, parameter]
    }),
  )
  return {
    parameters,
    project(teacher, tower, features) {
      const parameter = parameters.get(weightName(teacher, tower))
      return parameter ? features.matmul(parameter.tensor, { transposeB: true }) : features
    },
  }
}

const weightName = ({ name }: { readonly name: string }, tower: string): string =>
  `distillation.${name}.${tower}.weight`
