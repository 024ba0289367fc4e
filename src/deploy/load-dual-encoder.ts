import type { HostArray } from '../core/index.ts'
import { toHost } from '../engine/index.ts'
import type { DualEncoder, DualEncoderRunner } from '../models/index.ts'
import type { ModelDescription } from './bundle.ts'
import { type LoadedGraph, loadGraphs, modelInputs, type RuntimeOptions } from './load-graphs.ts'

/**
 * The ONNX files of a dual encoder, `text_model` and `vision_model`, ready to run. Their features have any length, and
 * are normalized here.
 * @throws Errors of {@link loadGraphs}.
 */
export async function loadDualEncoder(
  directory: string,
  description: ModelDescription<DualEncoder>,
  options: RuntimeOptions,
): Promise<DualEncoderRunner> {
  const { image, text } = modelInputs(description.model)
  const inputs = { text_model: [text], vision_model: [image] }
  const { text_model, vision_model } = await loadGraphs(directory, description, inputs, options)
  return {
    encodeImages: (pixelValues) => unitFeatures(vision_model, { [image.name]: pixelValues }),
    encodeTexts: (inputIds) => unitFeatures(text_model, { [text.name]: inputIds }),
  }
}

async function unitFeatures(
  { program, outputs: [name] }: LoadedGraph,
  feeds: Readonly<Record<string, HostArray>>,
): Promise<Float32Array> {
  const { [name!]: result } = await program.run(feeds)
  const features = await toHost(result!, 'float32')
  const width = result!.dims[1]!
  for (let start = 0; start < features.length; start += width)
    normalize(features.subarray(start, start + width))
  return features
}

/** x / max(‖x‖₂, ε), in place; see `l2Normalize`. */
function normalize(row: Float32Array): void {
  const length = Math.max(Math.sqrt(row.reduce((sum, x) => sum + x * x, 0)), 1e-12)
  for (const [i, x] of row.entries()) row[i] = x / length
}
