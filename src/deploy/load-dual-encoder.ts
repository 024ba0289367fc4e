import { type HostArray, splitRows, zeros } from '../core/index.ts'
import type { Tokenizer } from '../data/text/index.ts'
import { toHost } from '../engine/index.ts'
import type { DualEncoder, DualEncoderRunner } from '../models/index.ts'
import type { AdapterSlots } from './adapter-slots.ts'
import type { ModelDescription } from './bundle.ts'
import { type LoadedGraph, loadGraphs, modelInputs, type RuntimeOptions } from './load-graphs.ts'
import { unitRows } from './unit-rows.ts'

/**
 * The ONNX files of a dual encoder, `text_model` and `vision_model`, ready to run. Their features have any length, and
 * are normalized here.
 * @param adapters Room for adapters of the files; default none.
 * @throws Errors of {@link loadGraphs}.
 */
export async function loadDualEncoder(
  directory: string,
  description: ModelDescription<DualEncoder>,
  options: RuntimeOptions,
  adapters?: AdapterSlots,
): Promise<DualEncoderRunner> {
  const { image, text } = modelInputs(description.model)
  const inputs = { text_model: [text], vision_model: [image] }
  const { text_model, vision_model } = await loadGraphs(directory, description, inputs, options)
  return {
    encodeImages: (pixelValues) =>
      unitFeatures(vision_model, { [image.name]: pixelValues, ...adapters?.feedsOf(vision_model.program) }),
    encodeTexts: (inputIds) => {
      const ids = text_model.isFree(text.name, 1) ? untilLastEnd(inputIds, description.tokenizer) : inputIds
      return unitFeatures(text_model, { [text.name]: ids, ...adapters?.feedsOf(text_model.program) })
    },
  }
}

/** Texts [texts, length] cut behind the end of the longest: a model that takes any length reads no padding. */
function untilLastEnd(inputIds: HostArray, { endId }: Pick<Tokenizer, 'endId'>): HostArray {
  const [count, length] = inputIds.shape as readonly [number, number]
  if (endId === undefined || count === 0) return inputIds
  const rows = splitRows(inputIds.data as BigInt64Array, count)
  const ends = rows.map((row) => row.indexOf(BigInt(endId)))
  const longest = ends.includes(-1) ? length : 1 + Math.max(...ends)
  if (longest === length) return inputIds
  const cut = zeros('int64', [count, longest])
  for (const [i, row] of rows.entries()) cut.data.set(row.subarray(0, longest), i * longest)
  return cut
}

async function unitFeatures(
  { program, outputs: [name] }: LoadedGraph,
  feeds: Readonly<Record<string, HostArray>>,
): Promise<Float32Array> {
  const { [name!]: result } = await program.run(feeds)
  const features = await toHost(result!, 'float32')
  return unitRows(features, result!.dims[1]!)
}
