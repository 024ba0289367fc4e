import { createHash } from 'node:crypto'
import type { Batch } from '../../core/index.ts'
import type { Loader, OnBadSample, Sample, Source, SourceSpec } from '../../data/index.ts'
import type {
  ChunkPolicyRuntime,
  DualEncoderRuntime,
  ModelDescription,
  PolicyRuntime,
} from '../../deploy/index.ts'
import type { BlockProducts } from '../../metrics/index.ts'
import type { DualEncoderRunner } from '../../models/index.ts'
import { type EncodedDataset, encodeDataset, encodeImages } from '../../training/index.ts'
import { evaluationLoader } from '../evaluation-loader.ts'
import { blockProducts } from './block-products.ts'
import type { FeatureKey, FeatureStore } from './feature-store.ts'
import { type ReadData, readData } from './read-data.ts'
import type { Features, Subject, Variation } from './subject.ts'

/** A loaded model, and how its data is read. */
export interface ModelUnderTestOptions {
  readonly directory: string
  readonly description: ModelDescription
  /** SHA-256 of each file of the model that is read. */
  readonly files: Readonly<Record<string, string>>
  /** Further facts that decide features bit for bit: device and version of the engine. Default: nothing. */
  readonly engine?: Readonly<Record<string, string>>
  readonly dualEncoder?: DualEncoderRuntime | undefined
  readonly policy?: PolicyRuntime | undefined
  readonly chunkPolicy?: ChunkPolicyRuntime | undefined
  readonly seed: number
  readonly openSource: (spec: SourceSpec) => Source
  readonly onBadSample?: OnBadSample | undefined
  readonly workers?: number | undefined
  /** Threads of products of features. Default: all cores. */
  readonly threads?: number | undefined
  /** Wrap the batches of a pass, for progress and for bad samples. */
  readonly watch?: ((batches: Loader, title: string, source: Source) => AsyncIterable<Batch>) | undefined
  readonly onNote?: ((text: string) => void) | undefined
  /** Folder that keeps features for later. Default: none. */
  readonly store?: FeatureStore | undefined
}

/** A data set that was opened, and its samples once they are read. */
interface OpenedData {
  /** Names that the suite and its evaluators give it. */
  readonly names: Set<string>
  readonly spec: SourceSpec
  readonly source: Source
  read: Promise<ReadData> | undefined
}

/**
 * A model for all data sets of a suite. Each data set is read once, and its features as they are computed once; those of a
 * variation are computed when they are asked for, so that memory holds one variation at a time.
 */
export class ModelUnderTest {
  readonly #options: ModelUnderTestOptions
  /** Data sets by their description. */
  readonly #opened = new Map<string, OpenedData>()
  readonly #features = new Map<string, Promise<Features>>()
  readonly #products = new Map<number, BlockProducts>()
  readonly #told = new Set<string>()
  /** SHA-256 of further files that evaluators read, by path. */
  readonly files: Record<string, string> = {}
  /** SHA-256 of all files of the model, and of the engine that runs it. */
  readonly #digest: string

  constructor(options: ModelUnderTestOptions) {
    this.#options = options
    const { files, engine = {} } = options
    this.#digest = createHash('sha256')
      .update(JSON.stringify([files, engine]))
      .digest('hex')
  }

  get options(): ModelUnderTestOptions {
    return this.#options
  }

  /** SHA-256 of all data that was read so far, by name; of data that only others read, too. */
  async data(): Promise<Record<string, { readonly sha256: string; readonly samples: number }>> {
    const found: Record<string, { sha256: string; samples: number }> = {}
    for (const { names, read } of this.#opened.values()) {
      const { sha256, samples } = (await read) ?? {}
      if (sha256 === undefined) continue
      for (const name of names) found[nameBeside(found, name)] = { sha256, samples: samples!.size }
    }
    return found
  }

  /** The model together with one data set, or without data. @throws Errors of `openSource`. */
  subject(name: string, spec?: SourceSpec): Subject {
    const { directory, seed, dualEncoder, policy, chunkPolicy } = this.#options
    const own = spec ? this.#open(name, spec) : withoutData(name)
    return {
      ...{ name, spec: own.spec, directory, seed, dualEncoder, policy, chunkPolicy },
      source: own.source,
      beside: (other) => this.subject(other.name, other.spec),
      features: ({ variation } = {}) => this.#featuresOf(own, variation),
      clusters: async (ids) => clustersOf(await this.#read(own), ids),
      texts: (texts) => this.#requireDualEncoder().embedTexts(texts),
      products: (width) => this.#productsOf(width),
      batches: (variation) => this.#batches(own, variation),
      uses: (path, sha256) => {
        this.files[path] = sha256
      },
      note: (text) => this.#note(text),
    }
  }

  /** Read the samples of a data set, for the provenance of evaluators that read batches only. */
  async readAll(name: string, spec: SourceSpec): Promise<void> {
    await this.#read(this.#open(name, spec))
  }

  #open(name: string, spec: SourceSpec): OpenedData {
    const key = JSON.stringify(spec)
    const known = this.#opened.get(key)
    if (known) {
      known.names.add(name)
      return known
    }
    const names = new Set([name])
    const opened: OpenedData = { names, spec, source: this.#options.openSource(spec), read: undefined }
    this.#opened.set(key, opened)
    return opened
  }

  #read(data: OpenedData): Promise<ReadData> {
    data.read ??= this.#readOnce(data)
    return data.read
  }

  async #readOnce(data: OpenedData): Promise<ReadData> {
    const read = await readData(nameOf(data), data.source, this.#options.onBadSample ?? 'fail')
    if (read.bad > 0)
      this.#options.onNote?.(`${nameOf(data)}: ${read.bad} samples that cannot be read are left out`)
    return read
  }

  #featuresOf(data: OpenedData, variation: Variation | undefined): Promise<Features> {
    if (variation) return this.#encode(data, variation)
    const key = JSON.stringify(data.spec)
    const known = this.#features.get(key) ?? this.#encode(data, undefined)
    this.#features.set(key, known)
    return known
  }

  async #encode(data: OpenedData, variation: Variation | undefined): Promise<Features> {
    const { store, seed } = this.#options
    const { runner } = this.#requireDualEncoder()
    const { samples, sha256 } = await this.#read(data)
    const key: FeatureKey = { name: nameOf(data), model: this.#digest, data: sha256, variation, seed }
    const kept = store?.read(key)
    if (kept) return { ...kept, samples }
    const encoded = await (variation
      ? this.#encodeVaried(data, variation)
      : encodeDataset(runner, this.#batches(data, undefined)))
    store?.write(key, encoded)
    return { ...encoded, samples }
  }

  /** Encode a variation; images or captions that it leaves as they are keep their features. */
  async #encodeVaried(data: OpenedData, variation: Variation): Promise<EncodedDataset> {
    const { runner } = this.#requireDualEncoder()
    const [batches, base] = [this.#batches(data, variation), await this.#featuresOf(data, undefined)]
    const { samples: _, ...plain } = base
    if (!variation.texts?.length) return { ...plain, ...(await encodeImages(runner, batches)) }
    if (variation.images?.length) return encodeDataset(runner, batches)
    return encodeDataset(
      { encodeImages: rowsInOrder(base), encodeTexts: (inputIds) => runner.encodeTexts(inputIds) },
      batches,
    )
  }

  async *#batches(data: OpenedData, variation: Variation | undefined): AsyncGenerator<Batch> {
    const { description, dualEncoder, onBadSample = 'fail', workers, watch, seed } = this.#options
    const { image, tokenizer, model } = description
    const { samples } = await this.#read(data)
    const batches = evaluationLoader(image, data.source, {
      onBadSample,
      seed,
      allCaptions: dualEncoder !== undefined,
      texts: { inputIds: { tokenizer, length: model.inputs.text.length } },
      ...(variation && { variation }),
      ...(workers !== undefined && { workers }),
    })
    const name = nameOf(data)
    const title = variation ? `${name}, ${variation.name}` : name
    yield* watch ? watch(batches, title, sized(data.source, samples)) : batches
    const { read, cut } = batches.captions
    const texts = `${cut} of ${read} captions of '${name}' are longer than the model reads and were cut`
    if (cut > 0) this.#note(texts)
  }

  #productsOf(width: number): BlockProducts {
    const products = this.#products.get(width) ?? blockProducts(width, { threads: this.#options.threads })
    this.#products.set(width, products)
    return products
  }

  #requireDualEncoder(): DualEncoderRuntime {
    const { dualEncoder, directory } = this.#options
    if (dualEncoder) return dualEncoder
    throw new TypeError(
      `${directory} has no features: an evaluator asks for them that does not refuse the model`,
    )
  }

  /** Tell people a sentence, once. */
  #note(text: string): void {
    if (this.#told.has(text)) return
    this.#told.add(text)
    this.#options.onNote?.(text)
  }
}

/** Function that gives features that are known already, batch after batch of a pass in the same order. */
function rowsInOrder({ imageFeatures, width }: EncodedDataset): DualEncoderRunner['encodeImages'] {
  let place = 0
  return async ({ shape }) => {
    const start = place
    place += shape[0]! * width
    return imageFeatures.subarray(start, place)
  }
}

/** The image of each sample; undefined where no two samples share one. */
function clustersOf({ images }: ReadData, ids: readonly string[]): readonly string[] | undefined {
  const clusters = ids.map((id) => images.get(id) ?? id)
  return new Set(clusters).size < ids.length ? clusters : undefined
}

/** Data of a test that names none. */
const withoutData = (name: string): OpenedData => ({
  names: new Set([name]),
  spec: { kind: 'own', name },
  source: { name, size: 0, async *samples() {} },
  read: undefined,
})

/** The first name of a data set. */
const nameOf = ({ names }: OpenedData): string => [...names][0]!

/** A source whose size is known now. */
const sized = (source: Source, samples: ReadonlyMap<string, Sample>): Source =>
  source.size === undefined ? { ...source, size: samples.size } : source

/** A name that is free: two data sets may be called the same, one by the suite and one by an evaluator. */
function nameBeside(taken: Readonly<Record<string, unknown>>, name: string): string {
  let free = name
  for (let number = 2; Object.hasOwn(taken, free); number++) free = `${name} ${number}`
  return free
}
