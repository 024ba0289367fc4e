import type { Batch } from '../../core/index.ts'
import type { ImageTransform, Sample, Source, SourceSpec, TextTransform } from '../../data/index.ts'
import type { ChunkPolicyRuntime, DualEncoderRuntime, PolicyRuntime } from '../../deploy/index.ts'
import type { BlockProducts } from '../../metrics/index.ts'
import type { EncodedDataset } from '../../training/index.ts'

/** A change of a data set's images or captions, such as a blur of severity 3; the same seed gives the same change. */
export interface Variation {
  /** Name, unique for its transforms, such as `blur-3`; features are kept under it. */
  readonly name: string
  /** Transforms of the square that the model sees, before its colours are normalized; they keep its size. */
  readonly images?: readonly ImageTransform[]
  /** Transforms of every caption or command. */
  readonly texts?: readonly TextTransform[]
}

/** Features of a data set and the samples that they belong to. */
export interface Features extends EncodedDataset {
  /** Samples by id, without their pixels decoded. */
  readonly samples: ReadonlyMap<string, Sample>
}

/** Data besides a subject's own, with the name under which its features are kept. */
export interface OtherData {
  readonly name: string
  readonly spec: SourceSpec
}

/** A model together with one data set of a suite: what evaluators read. */
export interface Subject {
  /** Name of the data set in the suite. */
  readonly name: string
  /** Data of the test; where the suite names none, a source without samples. */
  readonly spec: SourceSpec
  readonly source: Source
  /** Directory of the model: a run, a bundle or a folder of Hugging Face. */
  readonly directory: string
  /** Seed of all that is random in an evaluation. */
  readonly seed: number
  /** The model where it has a space that images and texts share; undefined for others. */
  readonly dualEncoder: DualEncoderRuntime | undefined
  /** The model where it is a policy; undefined for others. */
  readonly policy: PolicyRuntime | undefined
  /** The model where it is a policy that acts in chunks; undefined for others. */
  readonly chunkPolicy?: ChunkPolicyRuntime | undefined
  /** The model together with further data, such as what a linear probe is fitted on. @throws Errors of the source. */
  beside(other: OtherData): Subject
  /**
   * Features of the data set, computed once and kept for all evaluators; only of a dual encoder. Those of a variation are
   * computed each time, so that memory holds one variation at a time. The default is the data as it is.
   */
  features(options?: { readonly variation?: Variation }): Promise<Features>
  /**
   * Cluster of each of these samples, for the intervals of numbers: samples with one image, such as the commands of a scene or
   * the captions of a photo, are not independent of each other. Undefined where no two share one.
   */
  clusters(ids: readonly string[]): Promise<readonly string[] | undefined>
  /** Unit vectors [texts, width] of texts that are no captions of the data, such as prompts; only of a dual encoder. */
  texts(texts: readonly string[]): Promise<Float32Array>
  /** Products of blocks of vectors by the engine, for numbers that visit every pair. @param width Numbers of a vector. */
  products(width: number): BlockProducts
  /** One pass over the data set, prepared for the model. */
  batches(variation?: Variation): AsyncIterable<Batch>
  /** Tell of a further file that numbers follow from, such as a robot's, for the provenance. */
  uses(path: string, sha256: string): void
  /** Tell people what is counted, left out or cannot be measured. */
  note(text: string): void
}
