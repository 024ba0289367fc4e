import type { z } from 'zod'
import type { Batch, HostArray } from '../core/index.ts'
import type { Bundle, GraphPass, WeightedGraph } from '../deploy/index.ts'
import type { Families } from '../models/index.ts'
import type { Section } from '../report/index.ts'

export type { GraphPass, WeightedGraph }

/** A model on its way through the steps of a compression. */
export interface Subject {
  /** Model and weights as they are by now. */
  readonly bundle: Bundle
  /** Passes over the exported graphs, in their order. */
  readonly passes: readonly GraphPass[]
  /** Sections for the page about what the steps did, such as zeros by layer or ranges of activations. Default: none. */
  readonly findings?: readonly Section[]
}

/** Tools of a step, beside the model. */
export interface Tools {
  readonly seed: number
  /** Threads of an operation. Default: all cores. */
  readonly threads?: number | undefined
  /** Families by `model_type`. Default: the built-in ones. */
  readonly families?: Families | undefined
  /** Samples to calibrate with, batch by batch, the same at each call. */
  batches(): AsyncIterable<Batch>
  /** Gradients of the loss on these samples by parameter name, for importance by Taylor expansion. */
  gradients(subject: Subject): Promise<ReadonlyMap<string, HostArray<'float32'>>>
  /** Monitored metric of a model on validation data; higher is better. */
  quality(subject: Subject): Promise<number>
  /** Receive a sentence for people. */
  note(text: string): void
}

/** Rule by which a budget decides how far a method goes. */
export interface Reach<Options> {
  /** Options that change one part of the model alone, by the part's name, for the scan of sensitivities. */
  parts(options: Options, subject: Subject, tools: Tools): ReadonlyMap<string, Options>
  /** The options with some of these parts left as they are. */
  without(options: Options, parts: readonly string[], subject: Subject, tools: Tools): Options
  /** The options a share of the way, in (0, 1]; 1 is as asked. Default: only all or nothing of each part. */
  share?(options: Options, share: number): Options
}

/** One way to shrink a model: its options, and the step itself. */
export interface CompressionMethod<Options extends { readonly kind: string } = { readonly kind: string }> {
  readonly schema: z.ZodType<Options>
  /** @throws ConfigError when the options do not fit the model. */
  apply(options: Options, subject: Subject, tools: Tools): Promise<Subject>
  /** Search for a budget. Default: the step is done as asked, or refused by the budget. */
  readonly reach?: Reach<Options>
  /** True for a step that trains: a search leaves it out, and it is done with what was found. Default false. */
  readonly trains?: boolean
}

/** Methods by their kind. */
export type CompressionMethods = Readonly<Record<string, CompressionMethod>>
