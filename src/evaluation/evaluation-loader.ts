import { type Loader, type LoaderOptions, loader, type Source } from '../data/index.ts'
import { type ImageProcessing, imageOptionsOf } from '../deploy/index.ts'

/** Number of samples in a batch. */
const batchSize = 64

/**
 * One pass over a source, prepared for a model: in the source's order, with no randomness but that of a `variation`, whose
 * `seed` is 0 by default.
 * @param image Processing of the model's images.
 */
export function evaluationLoader(
  image: ImageProcessing,
  source: Source,
  options: Pick<LoaderOptions, 'onBadSample' | 'texts' | 'allCaptions' | 'workers' | 'variation'> &
    Partial<Pick<LoaderOptions, 'seed'>>,
): Loader {
  // Worker threads take longer to start than a few images to prepare.
  const isSmall = source.size !== undefined && source.size <= batchSize
  return loader({
    source,
    mode: 'evaluate',
    batchSize,
    seed: 0,
    ...imageOptionsOf(image),
    ...(isSmall && { workers: 0 }),
    ...options,
  })
}
