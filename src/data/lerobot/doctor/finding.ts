/** Kinds of findings about episodes, with what each means. */
export const findingKinds = {
  'short-episode': 'An episode is much shorter than the others.',
  'time-gap': 'Frames are missing: a step in time is longer than one and a half frames.',
  'time-jitter': 'Steps in time are uneven.',
  'not-finite': 'A number is NaN or infinite.',
  constant: 'A number is the same in all frames: it teaches nothing, and has no spread to be normalized by.',
  stuck: 'A number stands still for a whole episode, though it moves in the others.',
  saturated: 'A number is at its least or greatest for much of the time, as at a limit.',
  outlier: 'A number is far outside of where nearly all are.',
  degrees: 'Numbers are in degrees where others are in radians, or seem to be.',
  'repeated-episode': 'Two episodes hold the same numbers.',
  'empty-task': 'A task has no text.',
  statistics: 'stats.json does not say what the data says.',
  'black-camera': 'Pictures of a camera are black.',
  'static-camera': 'Pictures of a camera do not change through an episode.',
  unreadable: 'Pictures or numbers of an episode cannot be read.',
} as const

export type FindingKind = keyof typeof findingKinds

/** Something about a data set that a person should look at. */
export interface Finding {
  readonly kind: FindingKind
  /** Numbers of the episodes that it is about; none for the whole data set. */
  readonly episodes: readonly number[]
  /** Feature or value that it is about. */
  readonly subject: string
  /** Something found, with its numbers. */
  readonly message: string
}
