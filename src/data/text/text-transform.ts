import type { z } from 'zod'
import type { Random } from '../../core/index.ts'

/** One kind of text transform. `P` are its parameters: plain data under the name of the transform. */
export interface TextTransformKind<P> {
  readonly schema: z.ZodType<P>
  /** Pure function of its arguments; every random number comes from `random`. */
  apply(text: string, parameters: P, random: Random): string
}
