import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { CheckpointError } from '../core/index.ts'
import { parseFile, readJson } from './json-file.ts'

/** File of a bundle whose weights are in its ONNX files only, as a compression left them. */
export const compressionFile = 'compression.json'

const schema = z.looseObject({
  from: z.looseObject({ source: z.string(), digest: z.string() }),
  logitScale: z.number().exactOptional(),
  logitBias: z.number().exactOptional(),
})

/** Record of a compressed bundle. */
export interface CompressionRecord {
  /** The model it was made from: its folder, and its `bundleDigest`. */
  readonly from: { readonly source: string; readonly digest: string }
  /** Factor of a dual encoder's similarities. */
  readonly logitScale?: number
  /** Offset of these similarities, of a model of the sigmoid loss. */
  readonly logitBias?: number
  /** Further facts, such as the steps. */
  readonly [key: string]: unknown
}

/**
 * The record of a compressed bundle; undefined for other folders.
 * @throws CheckpointError `bundle/not-json` or `bundle/config` for a damaged one.
 */
export function readCompression(directory: string): CompressionRecord | undefined {
  const file = join(directory, compressionFile)
  return existsSync(file) ? parseFile(schema, readJson(file), file, 'bundle/config') : undefined
}

/** The error of a wish for weights that a compressed bundle has no more. */
export function compressedWeights(directory: string, { from }: CompressionRecord): CheckpointError {
  return new CheckpointError(
    'bundle/compressed',
    `${directory} is a compressed model: its weights are in its ONNX files only, as they run, and can be neither trained, ` +
      `exported nor compressed again. Take the model that it was made from: ${from.source}`,
    { directory, from },
  )
}
