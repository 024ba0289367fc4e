/** Where the pixels of a sample are: a file, or its bytes (PNG, JPEG, WebP, SVG …). Crosses to worker threads. */
export type EncodedImage = { readonly file: string } | { readonly bytes: Uint8Array }

/** A place in the user's data, for messages: `captions.jsonl:17`. */
export interface Origin {
  readonly file: string
  readonly line?: number
}

/** One image with everything said about it. */
export interface Sample {
  /** Unique in its source and stable from run to run, e.g. `google/1f600`. */
  readonly id: string
  readonly image: EncodedImage
  /** At least one; all of them are correct. */
  readonly captions: readonly string[]
  readonly origin: Origin
  /**
   * Samples of one concept share it. Two samples with the same concept match each other's captions, so that
   * neither the loss nor the metrics count them as wrong. Default: the sample's own id.
   */
  readonly concept?: string
}
