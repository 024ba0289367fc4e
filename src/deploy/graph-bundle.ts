import { join, resolve } from 'node:path'
import { writeDirectoryAtomic, writeFileAtomic } from '../core/index.ts'
import { familyOf, isChunkPolicy, isPolicy } from '../models/index.ts'
import {
  type Bundle,
  type FamilyOptions,
  isOfBundle,
  requireStatistics,
  writeFrames,
  writeModelFiles,
} from './bundle.ts'
import { type CompressionRecord, compressionFile } from './compression-file.ts'
import { logitTermsOf } from './logit-scale.ts'
import { writeManifest } from './manifest.ts'
import { onnxFiles } from './onnx-files.ts'
import { requireReplaceable } from './replaceable.ts'
import type { GraphPass } from './weighted-graphs.ts'
import { requireFit } from './weights.ts'

/**
 * Write a bundle whose weights are in its ONNX files only, which passes changed: it runs like any other, but cannot be trained.
 * `compression.json` says what it was made from. The folder appears whole or not at all; an existing bundle is replaced.
 * @throws ConfigError `bundle/not-a-bundle` and CheckpointError as `writeBundle` does.
 */
export async function writeGraphBundle(
  directory: string,
  bundle: Bundle,
  passes: readonly GraphPass[],
  record: CompressionRecord,
  { families }: FamilyOptions = {},
): Promise<void> {
  const target = resolve(directory)
  requireReplaceable(target, isOfBundle)
  requireStatistics(bundle, target)
  const { model, tokenizer, image } = bundle
  const learned = requireFit(bundle.weights, model, target)
  const weights = familyOf(model.config.model_type, families).limitWeights?.(learned) ?? learned
  const logits = logitTermsOf(weights)
  const content = {
    ...record,
    ...(logits && { logitScale: logits.scale }),
    ...(logits?.bias !== undefined && { logitBias: logits.bias }),
  }
  await writeDirectoryAtomic(target, (temporary) => {
    writeModelFiles(temporary, bundle, { families })
    writeFileAtomic(join(temporary, compressionFile), `${JSON.stringify(content, undefined, 2)}\n`)
    for (const [name, bytes] of onnxFiles(model, weights, tokenizer, { families, passes }))
      writeFileAtomic(join(temporary, 'onnx', `${name}.onnx`), bytes)
    if (isPolicy(model) || isChunkPolicy(model)) writeFrames(temporary, image)
    writeManifest(temporary)
  })
}
