import type { z } from 'zod'
import type { Batch, HostArray } from '../core/index.ts'
import type { Bundle, GraphPass, WeightedGraph } from '../deploy/index.ts'
import type { Families } from '../models/index.ts'

export type { GraphPass, WeightedGraph }

/** A model on its way through the steps of a compression. */
export interface Subject {
  /** Model and weights as they are by now. */
  readonly bundle: Bundle
  /** Passes over the exported graphs, in their order. */
  readonly passes: readonly GraphPass[]
}

/** What a step may ask for, beside the model. */
export interface Tools {
  readonly seed: number
  /** Threads of an operation. Default: all cores. */
  readonly threads?: number | undefined
  /** Families of models. Default: the built-in ones. */
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

/** One way to shrink a model: its options, and the step itself. */
export interface CompressionMethod<Options extends { readonly kind: string } = { readonly kind: string }> {
  readonly schema: z.ZodType<Options>
  /** @throws ConfigError when the options do not fit the model. */
  apply(options: Options, subject: Subject, tools: Tools): Promise<Subject>
}
