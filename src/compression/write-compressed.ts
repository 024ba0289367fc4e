import { type BundleOptions, writeBundle } from '../deploy/index.ts'
import type { Subject } from './method.ts'

/** Write a compressed model: an ordinary bundle. @throws Errors of `writeBundle`. */
export const writeCompressed = (
  directory: string,
  { bundle }: Subject,
  _provenance: object,
  options: BundleOptions = {},
): Promise<void> => writeBundle(directory, bundle, options)
