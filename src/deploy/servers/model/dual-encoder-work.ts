import { type HostArray, splitRows } from '../../../core/index.ts'
import { isCaptioner, isMaskedModel, patchCounts, type VlmModel } from '../../../models/index.ts'
import type { ModelDescription } from '../../bundle.ts'
import { CaptionRuntime } from '../../caption-runtime.ts'
import { DualEncoderRuntime } from '../../dual-encoder-runtime.ts'
import { modelInputs, type RuntimeOptions } from '../../load-graphs.ts'
import { describedGraph, graphWork, inRows, type ModelWork, rowsOf } from './graph-work.ts'
import type { Arrays, GraphDescription, Work } from './lanes.ts'

/** Work of a dual encoder: features of images and texts, and both towers. */
export async function dualEncoderWork(
  directory: string,
  description: ModelDescription,
  options: RuntimeOptions,
): Promise<ModelWork> {
  const runtime = await DualEncoderRuntime.load(directory, options)
  const { runner } = runtime
  const { image, text } = modelInputs(description.model)
  const tower = (name: string, input: typeof image, output: string): GraphDescription => {
    const graph = describedGraph(name, description, options)
    // The feature is normalized here and has the name that unit vectors have in `model.onnx`; texts have their full length.
    return { ...graph, inputs: [input], outputs: [{ ...graph.outputs[0]!, name: output }] }
  }
  const one = (input: string, output: string, encode: (array: HostArray) => Promise<Float32Array>) => {
    return async (feeds: Arrays): Promise<Arrays> => {
      const rows = feeds[input]!.shape[0]!
      const data = await encode(feeds[input]!)
      return { [output]: rowsOf(data, [rows, data.length / rows]) }
    }
  }
  const images = one(image.name, 'image_embeds', (array) => runner.encodeImages(array))
  const texts = one(text.name, 'text_embeds', (array) => runner.encodeTexts(array))
  return {
    graphs: [tower('vision_model', image, 'image_embeds'), tower('text_model', text, 'text_embeds')],
    lanes: {
      image: async (items: readonly Work['image']['item'][]) =>
        splitRows(await runtime.embedImages(items), items.length),
      text: async (items: readonly string[]) => splitRows(await runtime.embedTexts(items), items.length),
      'graph:vision_model': (items: readonly Arrays[]) => inRows(items, images),
      'graph:text_model': (items: readonly Arrays[]) => inRows(items, texts),
    },
  }
}

/** Work that a vision-language model does beside that of a dual encoder: captions, and what is behind masks. */
export async function languageWork(
  directory: string,
  description: ModelDescription,
  options: RuntimeOptions,
): Promise<ModelWork> {
  const { model } = description
  const captioner = isCaptioner(model) ? await CaptionRuntime.load(directory, options) : undefined
  const names = [...(captioner ? ['captions'] : []), ...(isMaskedModel(model) ? ['masked_model'] : [])]
  const { graphs, lanes } = await graphWork(directory, description, options, names)
  const caption = async (items: readonly Work['caption']['item'][]) => {
    const captions = []
    for (const { image, search } of items) captions.push(...(await captioner!.captions([image], search)))
    return captions
  }
  return {
    graphs: graphs.map((graph) => (isMaskedModel(model) ? withPlaces(graph, model) : graph)),
    lanes: { ...lanes, ...(captioner && { caption }) },
  }
}

/** The graph with the ranges of places of patches and words; −1 is no word. */
function withPlaces(graph: GraphDescription, { config, inputs }: VlmModel): GraphDescription {
  const { vision_config, masked_config } = config
  const { patches } = patchCounts({ vision_config, masked_config: masked_config! })
  const places = { visible_patches: [0, patches - 1], masked_tokens: [-1, inputs.text.length - 1] } as const
  const known = Object.entries(places).filter(([name]) => graph.inputs.some((input) => input.name === name))
  return { ...graph, ranges: { ...graph.ranges, ...Object.fromEntries(known) } }
}
