import { type Loader, type LoaderOptions, loader, type Source } from '../data/index.ts'
import { imageOptionsOf, type ModelDescription } from '../deploy/index.ts'

const batchSize = 64

/** One pass over a source, prepared for the model of a bundle as training's evaluation prepares it. */
export function evaluationLoader(
  { image }: ModelDescription,
  source: Source,
  options: Pick<LoaderOptions, 'onBadSample' | 'texts' | 'allCaptions'>,
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
