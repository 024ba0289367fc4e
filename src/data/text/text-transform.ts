import type { z } from 'zod'
import type { Random } from '../../core/index.ts'

/** One kind of text transform. `P` are its parameters: plain data under the name of the transform. */
export interface TextTransformKind<P> {
  readonly schema: z.ZodType<P>
  /** Pure function of its arguments; every random number comes from `random`. */
  apply(text: string, parameters: P, random: Random): string
  /**
   * Words that the transform may put into texts of known words. Default: none that a model should know.
   * @param isKnown Test for a word of the texts, in small letters.
   */
  words?(parameters: P, isKnown: (word: string) => boolean): readonly string[]
}
