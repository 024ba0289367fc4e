import { z } from 'zod'
import type { Random } from '../../core/index.ts'
import type { Picture } from './picture.ts'

/**
 * A sample on its way through transforms. What moves the picture moves what is said about it: a transform
 * returns both, or leaves the sample alone where its words could not follow. Labels follow at the end, by what the
 * picture remembers (`moveLabels`).
 */
export interface AugmentedSample {
  readonly picture: Picture
  readonly caption: string
  /** What the last transform drew; undefined where it left the sample as it was. */
  readonly drawn: Drawn | undefined
}

/** What a transform drew for one sample, by name. */
export type Drawn = Readonly<Record<string, number | string>>

/**
 * One kind of transform. `P` are its parameters, plain data under the name of the transform: they cross to
 * worker threads and stand in `recipe.json`.
 */
export interface TransformKind<P> {
  readonly schema: z.ZodType<P>
  /** `geometry` moves pixels, `background` acts on transparency, `color` on colours, `normalize` ends a list. */
  readonly stage: 'geometry' | 'background' | 'color' | 'normalize'
  /** How it moves what is seen; default not at all, or every picture alike, as another camera would show it. */
  moves?(parameters: P): 'not at all' | 'mirrored' | 'freely'
  /**
   * Parameters that do the same to a picture `factor` times as large. Only where some of them are in pixels; those of a
   * `geometry` stage have no need of it, since other resolutions follow the map.
   */
  enlarged?(parameters: P, factor: number): P
  /** A pure function of its arguments; every random number comes from `random`. */
  apply(sample: AugmentedSample, parameters: P, random: Random): AugmentedSample
}

/** Side of a square in pixels. */
export const side = z.int().min(1).max(4096)
