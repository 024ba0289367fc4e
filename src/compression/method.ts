import type { z } from 'zod'
import type { Batch, HostArray } from '../core/index.ts'
import type { Bundle } from '../deploy/index.ts'
import type { Tensor } from '../graph/index.ts'
import type { Families } from '../models/index.ts'

/** A graph of a bundle as its ONNX file will have it: outputs by name, and the values of its leaves. */
export interface WeightedGraph {
  readonly outputs: Readonly<Record<string, Tensor>>
  readonly weights: ReadonlyMap<Tensor, HostArray>
}

/** A change of an exported graph that its model cannot say, such as products in int8. */
export type GraphPass = (graph: WeightedGraph, name: string) => WeightedGraph

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

/** One way to shrink a model: its options, and the step itself. */
export interface CompressionMethod<Options extends { readonly kind: string } = { readonly kind: string }> {
  readonly schema: z.ZodType<Options>
  /** @throws ConfigError when the options do not fit the model. */
  apply(options: Options, subject: Subject, tools: Tools): Promise<Subject>
}
