import { type Loader, type LoaderOptions, loader, type Source } from '../data/index.ts'
import { type Bundle, imageOptionsOf } from '../deploy/index.ts'

/** One pass over a source, prepared for the model of a bundle as training's evaluation prepares it. */
export const evaluationLoader = (
  { image }: Bundle,
  source: Source,
  options: Pick<LoaderOptions, 'onBadSample' | 'text'>,
): Loader =>
  loader({ source, mode: 'evaluate', batchSize: 64, seed: 0, ...imageOptionsOf(image), ...options })
