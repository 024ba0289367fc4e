/** Images to search in. */
export interface Gallery {
  /** Folder from which their names are told. */
  readonly directory: string
  /** Paths of the images. */
  readonly files: readonly string[]
}
