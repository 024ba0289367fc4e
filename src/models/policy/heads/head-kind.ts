import type { z } from 'zod'
import type { LabelKind } from '../../../data/sample.ts'
import type { Tensor } from '../../../graph/index.ts'
import type { LabelMoments } from '../label-moments.ts'
import type { Tolerances } from './tolerances.ts'

/** Label that an output learns from: the key of the head's config that names it, and its required kind. */
export interface OutputLabel {
  readonly key: string
  readonly kind: LabelKind['kind']
}

/** A value for each output of a head. An output is optional where the config may leave its label out. */
export type ByOutput<Value, Output extends string, Optional extends string = never> = Readonly<
  Record<Output, Value> & Partial<Record<Optional, Value>>
>

/** Options of the loss of boxes. */
export interface BoxLossOptions {
  /** Threshold between quadratic and linear smooth L1, as a fraction of the image. */
  readonly beta: number
  /** Factor of 1 − GIoU, which is added to smooth L1. */
  readonly overlap: number
}

/** Predictions and truth of the samples that have a label, [samples, width] each. */
export interface Compared {
  readonly predictions: Float32Array
  readonly targets: Float32Array
}

/** Metrics of a head by name; `success` is the fraction of the samples within tolerance. */
export interface HeadMetrics {
  readonly success: number
  readonly [name: string]: number
}

/**
 * A kind of head: one row of the table of heads. Code outside a row never asks for the kind.
 *
 * @typeParam Schema Schema of the head's config; its `kind` is the name of the row.
 * @typeParam Output Names of the outputs that every such head has; `Optional` of those that may be left out.
 */
export interface HeadKind<Schema extends z.ZodType, Output extends string, Optional extends string = never> {
  readonly schema: Schema
  readonly labels: Readonly<
    Record<Output, OutputLabel> & Record<Optional, OutputLabel & { readonly optional: true }>
  >
  /** Width of the head's last layer. */
  outputs(config: z.output<Schema>): number
  /**
   * The outputs in the units of their labels.
   * @param raw The last layer, [batch, outputs].
   * @param place Place that the command points at, [batch, 2]: x and y as fractions of width and height.
   */
  forward(raw: Tensor, place: Tensor, config: z.output<Schema>): ByOutput<Tensor, Output, Optional>
  /**
   * Keys of the config that the training data decides where a recipe does not, each with its function of the labels.
   */
  readonly unit: Readonly<Record<string, (moments: LabelMoments) => number | readonly number[]>>
  /** Values of a label that `unit` is computed from; the label is that of the first output. Default: all its values. */
  measured?(label: readonly number[]): readonly number[]
  /** The errors of every output, sample by sample: [batch]. */
  errors(
    outputs: ByOutput<Tensor, Output, Optional>,
    labels: ByOutput<Tensor, Output, Optional>,
    config: z.output<Schema>,
    options: { readonly box: BoxLossOptions },
  ): ByOutput<Tensor, Output, Optional>
  /** @param compared An optional output is missing where no sample has its label. */
  metrics(
    compared: ByOutput<Compared, Output, Optional>,
    config: z.output<Schema>,
    tolerances: Tolerances,
  ): HeadMetrics
  /** The metrics by name, each with the direction in which it gets better. */
  directions(config: z.output<Schema>): Readonly<Record<string, 'max' | 'min'>>
}
