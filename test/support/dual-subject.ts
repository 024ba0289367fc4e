import sharp from 'sharp'
import type { Sample, Source } from '../../src/data/index.ts'
import { blockProducts } from '../../src/evaluation/suite/block-products.ts'
import type { Features, Subject } from '../../src/evaluation/suite/subject.ts'

/** Data of a fake subject: features by sample, in the order of the rows. */
export interface FakeData {
  readonly name?: string
  readonly width: number
  /** Unit vectors [samples, width]. */
  readonly images: readonly number[]
  /** Class of each sample; undefined for one without. */
  readonly classes?: readonly (number | undefined)[]
  /** Names of the classes; absent where the source has none. */
  readonly names?: readonly string[]
  /** Count of classes, where the source has no names. */
  readonly count?: number
  readonly captions?: readonly (readonly string[])[]
  readonly concepts?: readonly string[]
  readonly ids?: readonly string[]
}

const picture = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#48a' } })
  .png()
  .toBuffer()

/** Source and features of made-up data, with one grey picture for all samples. */
export function fakeData(data: FakeData): { source: Source; features: Features } {
  const { width, images, names, name = 'fake' } = data
  const rows = images.length / width
  const ids = data.ids ?? Array.from({ length: rows }, (_, row) => `${name}/${row}`)
  const samples = ids.map((id, row): Sample => {
    const label = data.classes?.[row]
    return {
      id,
      image: { bytes: picture },
      captions: data.captions?.[row] ?? [`caption ${row}`],
      origin: { file: name },
      concept: data.concepts?.[row] ?? id,
      ...(label !== undefined && { labels: { class: [label] } }),
    }
  })
  const classes = names?.length ?? data.count
  const source: Source = {
    name,
    ...(classes !== undefined && { labels: { class: { kind: 'class', classes } } }),
    ...(names && { classNames: { class: names } }),
    async *samples() {
      yield* samples
    },
  }
  const imageConcepts = samples.map(({ concept, id }) => concept ?? id)
  const features: Features = {
    imageIds: ids,
    textIds: ids,
    textCaptions: ids.map(() => 0),
    imageFeatures: Float32Array.from(images),
    textFeatures: Float32Array.from(images),
    width,
    imageConcepts,
    textConcepts: imageConcepts.map((concept) => [concept]),
    samples: new Map(samples.map((sample) => [sample.id, sample])),
  }
  return { source, features }
}

/** A subject whose features are given; `notes` are what evaluators told. */
export function fakeSubject(
  data: { source: Source; features: Features },
  more: {
    readonly texts?: Subject['texts']
    /** Further data by name, such as what a probe is fitted on. */
    readonly others?: Readonly<Record<string, { source: Source; features: Features }>>
    readonly directory?: string
    /** Cluster of a sample by its id. Default: each is alone. */
    readonly cluster?: (id: string) => string
    readonly dualEncoder?: Subject['dualEncoder']
  } = {},
): Subject & { notes: string[] } {
  const notes: string[] = []
  const note = (text: string) => void notes.push(text)
  return {
    name: data.source.name,
    spec: { kind: 'own', name: data.source.name },
    source: data.source,
    directory: more.directory ?? new URL('../golden/clip/quick-gelu', import.meta.url).pathname,
    seed: 3,
    dualEncoder: more.dualEncoder,
    policy: undefined,
    beside: ({ name }) => ({ ...fakeSubject(more.others![name]!, more), name, note }),
    features: async () => data.features,
    clusters: async (ids) => more.cluster && ids.map(more.cluster),
    texts: more.texts ?? (async () => new Float32Array()),
    products: (width) => blockProducts(width, { threads: 1 }),
    // biome-ignore lint/correctness/useYield: no evaluator of dual encoders reads batches
    async *batches() {
      throw new Error('no batches')
    },
    uses: () => {},
    note,
    notes,
  }
}
