import { type BundleOptions, type CompressionRecord, writeBundle, writeGraphBundle } from '../deploy/index.ts'
import type { Subject } from './method.ts'

/**
 * Write a compressed model as a bundle. Without passes it is an ordinary one, with weights that can be trained. With passes its
 * ONNX files hold the weights as they run, under the usual names, and there is no `model.safetensors`; `compression.json` says from what
 * and how it was made.
 * @throws Errors of `writeBundle`.
 */
export function writeCompressed(
  directory: string,
  { bundle, passes }: Subject,
  record: CompressionRecord,
  options: BundleOptions = {},
): Promise<void> {
  return passes.length === 0
    ? writeBundle(directory, bundle, options)
    : writeGraphBundle(directory, bundle, passes, record, options)
}
