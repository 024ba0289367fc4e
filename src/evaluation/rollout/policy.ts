/** Image as rows of red, green and blue bytes, [height, width, 3]. */
export interface RolloutPicture {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

/** Policy in a rollout; `PolicyRuntime` is one. */
export interface RolloutPolicy {
  /** Labels that it predicts. */
  readonly labels: readonly string[]
  predict(observation: {
    readonly pixels: RolloutPicture
    readonly command: string
  }): Promise<Readonly<Record<string, readonly number[]>>>
}
