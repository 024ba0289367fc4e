import { CheckpointError, type HostArray, int64, zeros } from '../../core/index.ts'
import { Tokenizer } from '../../data/text/tokenizer.ts'
import {
  buildModel,
  familyOf,
  isChunkPolicy,
  isDualEncoder,
  isPolicy,
  valuesByHead,
} from '../../models/index.ts'
import { descriptionFiles, type ModelDescription, requireOneModel } from '../bundle.ts'
import { ChunkPolicyRuntime } from '../chunks/chunk-policy-runtime.ts'
import { chunkProgramInputs } from '../chunks/load-chunk-graph.ts'
import { DualEncoderRuntime } from '../dual-encoder-runtime.ts'
import { parseModelConfig } from '../model-config.ts'
import { PolicyRuntime } from '../policy-runtime.ts'
import { parsePreprocessorConfig } from '../preprocessor-config.ts'
import { unitRows } from '../unit-rows.ts'
import { FetchedBundle, type FetchOptions } from './fetched-bundle.ts'
import { WebGraphs, type WebOutputs } from './web-graphs.ts'
import type { WebDevice, WebRuntimes } from './web-runtime.ts'

/** Options of a bundle in a browser. */
export interface OpenOptions extends FetchOptions {
  readonly runtimes: WebRuntimes
  /** Device to compute on. Default `wasm`. */
  readonly device?: WebDevice | undefined
}

/** A model that a browser computes, by the runtime of a robot. Its pictures are squares: see `squarePicture`. */
export type OpenedModel = {
  /** Description of the bundle; that of the runtime takes pictures that are cut out already. */
  readonly description: ModelDescription
  /** Device that computes. */
  readonly device: WebDevice
  /** Free the memory of the model. */
  release(): Promise<void>
} & (
  | { readonly kind: 'dual-encoder'; readonly runtime: DualEncoderRuntime }
  | { readonly kind: 'policy'; readonly runtime: PolicyRuntime }
  | { readonly kind: 'chunk-policy'; readonly runtime: ChunkPolicyRuntime }
)

/**
 * Fetch a bundle, as `visuomotor export` writes it, compare its files with its manifest, and make it ready to compute in this
 * browser.
 * @param address Address of the bundle's folder, from that of the page.
 * @throws CheckpointError `bundle/missing`, `bundle/altered`, `bundle/onnx` and others of `readBundle`, each naming the file;
 * ConfigError `config/package` where onnxruntime-web cannot be loaded; RequestError `serve/unauthorized`.
 */
export async function openBundle(address: string, options: OpenOptions): Promise<OpenedModel> {
  const bundle = await FetchedBundle.open(address, options)
  const description = await describe(bundle)
  const cut = { ...description, image: { ...description.image, cropFraction: undefined } }
  const { model } = description
  if (isDualEncoder(model)) {
    const graphs = await loadGraphs(bundle, [visionFile, textFile], description, options)
    const runtime = new DualEncoderRuntime(cut, dualEncoderOf(graphs))
    return { kind: 'dual-encoder', runtime, ...opened(description, graphs) }
  }
  if (isPolicy(model)) {
    const graphs = await loadGraphs(bundle, [policyFile], description, options)
    // Commands that are known in part are not noted while they are typed: see `runtime.unlearned`.
    const runtime = new PolicyRuntime(cut, policyOf(graphs), 'the bundle', () => {})
    return { kind: 'policy', runtime, ...opened(description, graphs) }
  }
  if (isChunkPolicy(model)) {
    const graphs = await loadGraphs(bundle, [policyFile], description, options)
    const runner = {
      run: async (feeds: Readonly<Record<string, HostArray>>) =>
        Float32Array.from((await graphs.run(policyFile, feeds)).action!.data),
    }
    const runtime = new ChunkPolicyRuntime(cut, runner, 'the bundle', { onNote: () => {} })
    return { kind: 'chunk-policy', runtime, ...opened(description, graphs) }
  }
  const { model_type } = model.config
  throw new CheckpointError(
    'bundle/model-type',
    `the bundle holds a ${model_type} model; policies and dual encoders are shown`,
    { modelType: model_type },
  )
}

const [visionFile, textFile, policyFile] = ['vision_model', 'text_model', 'model'].map(
  (name) => `onnx/${name}.onnx`,
) as [string, string, string]

const opened = (description: ModelDescription, graphs: WebGraphs) => ({
  description,
  device: graphs.device,
  release: () => graphs.release(),
})

/** Description of a bundle's model. */
async function describe(bundle: FetchedBundle): Promise<ModelDescription> {
  const { config, preprocessor, tokenizer, tokenizerConfig } = descriptionFiles
  const model = buildModel(parseModelConfig(await bundle.json(config), config))
  const usual = familyOf(model.config.model_type).imageProcessor
  const image = parsePreprocessorConfig(await bundle.json(preprocessor), preprocessor, usual)
  const words = Tokenizer.fromJson(await bundle.json(tokenizer), await bundle.json(tokenizerConfig))
  const description = { model, tokenizer: words, image }
  requireOneModel(description, 'the bundle')
  return description
}

async function loadGraphs(
  bundle: FetchedBundle,
  names: readonly string[],
  description: ModelDescription,
  { device = 'wasm', runtimes, onNote = () => {}, onProgress }: OpenOptions,
): Promise<WebGraphs> {
  const files = new Map<string, Uint8Array>()
  for (const name of names) files.set(name, await bundle.bytes(name))
  onProgress?.('Preparing the model')
  return WebGraphs.load(files, device, { runtimes, onNote }, async (graphs) => {
    for (const name of names) await graphs.run(name, firstInputs(name, description))
  })
}

/** Inputs of a first run: a black picture, a text without words. */
function firstInputs(name: string, { model, tokenizer }: ModelDescription): Record<string, HostArray> {
  if (isChunkPolicy(model)) {
    const inputs = chunkProgramInputs(model.config).map(({ name: input, dtype, shape }) => {
      return [input, zeros(dtype, [1, ...(shape.slice(1) as number[])])] as const
    })
    return Object.fromEntries(inputs)
  }
  const { image, text } = model.inputs
  const pixel_values = zeros('float32', [1, image.channels, image.size, image.size])
  const input_ids = int64([1, text.length], tokenizer.encode('', text.length).inputIds)
  if (name === visionFile) return { pixel_values }
  return name === textFile ? { input_ids } : { pixel_values, input_ids }
}

const dualEncoderOf = (graphs: WebGraphs) => ({
  encodeImages: async (pixel_values: HostArray) =>
    unitFeatures(await graphs.run(visionFile, { pixel_values })),
  encodeTexts: async (input_ids: HostArray) => unitFeatures(await graphs.run(textFile, { input_ids })),
})

/** Features of the one output of a tower, of unit length. */
function unitFeatures(outputs: WebOutputs): Float32Array {
  const [{ data, dims }] = Object.values(outputs) as [WebOutputs[string]]
  return unitRows(Float32Array.from(data), dims[1]!)
}

const policyOf = (graphs: WebGraphs) => ({
  async run(pixel_values: HostArray, input_ids: HostArray) {
    const outputs = Object.entries(await graphs.run(policyFile, { pixel_values, input_ids }))
    return valuesByHead(Object.fromEntries(outputs.map(([name, { data }]) => [name, data])))
  },
})
