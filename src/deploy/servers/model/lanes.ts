import type { HostArray } from '../../../core/index.ts'
import type { CameraPixels, EncodedImage } from '../../../data/images/index.ts'
import type { ProgramValue } from '../../../engine/index.ts'
import type { WrittenCaption } from '../../caption-runtime.ts'
import type { ChunkObservation } from '../../chunks/chunk-inputs.ts'
import type { Chunk } from '../../chunks/temporal-ensembler.ts'
import type { Observation } from '../../policy-runtime.ts'
import type { Prediction } from '../../prediction.ts'
import type { CaptionSearch } from '../../search-caption.ts'

/** Inputs or outputs of a graph by name; the first axis counts samples. */
export type Arrays = Readonly<Record<string, HostArray>>

/** Item and answer of each kind of work. Items of one kind are computed together. */
export interface Work {
  /** A policy's answer to an image and a command. */
  readonly act: { readonly item: Observation; readonly answer: Prediction }
  /** The chunk of actions of a policy that answers such. */
  readonly chunk: { readonly item: ChunkObservation; readonly answer: Chunk }
  /** Unit vector of an image. */
  readonly image: { readonly item: CameraPixels | EncodedImage; readonly answer: Float32Array }
  /** Unit vector of a text. */
  readonly text: { readonly item: string; readonly answer: Float32Array }
  /** Caption of an image. */
  readonly caption: {
    readonly item: { readonly image: CameraPixels | EncodedImage; readonly search: CaptionSearch }
    readonly answer: WrittenCaption
  }
  /** Outputs of a graph for arrays of any number of samples. */
  readonly graph: { readonly item: Arrays; readonly answer: Arrays }
}

export type WorkKind = keyof Work

/** A kind of work, for `graph` with the name of the graph: `graph:text_model`. Each has a queue of its own. */
export type Lane = Exclude<WorkKind, 'graph'> | `graph:${string}`

/** Items that are computed at once. */
export interface Batch {
  readonly lane: Lane
  readonly items: readonly unknown[]
}

/** Answer to an item, or the error that it alone has. */
export type Outcome = { readonly answer: unknown } | { readonly error: unknown }

/** A graph that is offered to clients who prepare its inputs themselves. */
export interface GraphDescription {
  readonly name: string
  readonly inputs: readonly ProgramValue[]
  readonly outputs: readonly ProgramValue[]
  /** True where the first size of all inputs and outputs is one, the number of samples, so that requests are computed together. */
  readonly isOfSamples: boolean
  /** Smallest and largest integer that an input may hold, by its name. Default: any. */
  readonly ranges: Readonly<Record<string, readonly [low: number, high: number]>>
}

/** A copy of the model that computes one batch after another. */
export interface Instance {
  readonly graphs: readonly GraphDescription[]
  /** @throws RequestError `serve/instance` for an instance that died over the batch. */
  run(batch: Batch): Promise<readonly Outcome[]>
  /** Reason of its death, once it has died; never settled by `stop`. */
  readonly death: Promise<string>
  stop(): Promise<void>
}
