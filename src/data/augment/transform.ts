import { z } from 'zod'
import type { Random } from '../../core/index.ts'
import type { Picture } from './picture.ts'

/**
 * A sample on its way through transforms. A transform moves the image and its words together, or leaves the sample
 * alone where the words cannot follow. Labels follow at the end, by the record in the image (`moveLabels`).
 */
export interface AugmentedSample {
  readonly picture: Picture
  readonly caption: string
  /** Random values of the last transform; undefined where it left the sample as it was. */
  readonly drawn: Drawn | undefined
}

/** Random values of a transform for one sample, by name. */
export type Drawn = Readonly<Record<string, number | string>>

/**
 * One kind of transform. `P` are its parameters, plain data under the name of the transform: they cross to
 * worker threads and stand in `recipe.json`.
 */
export interface TransformKind<P> {
  readonly schema: z.ZodType<P>
  /** `geometry` moves pixels, `background` acts on transparency, `color` on colours, `normalize` ends a list. */
  readonly stage: 'geometry' | 'background' | 'color' | 'normalize'
  /** Effect on places in the image; default none, or the same for every image, as from another camera. */
  moves?(parameters: P): 'not at all' | 'mirrored' | 'freely'
  /**
   * Parameters with the same effect on an image `factor` times as large. Present only where some of them are in pixels;
   * a `geometry` stage has no need of it, since other resolutions follow the map.
   */
  enlarged?(parameters: P, factor: number): P
  /** Pure function of its arguments; every random number comes from `random`. */
  apply(sample: AugmentedSample, parameters: P, random: Random): AugmentedSample
}

/** Side of a square in pixels. */
export const side = z.int().min(1).max(4096)
