import type { LerobotOptions } from '../lerobot/lerobot-spec.ts'
import type { Source } from '../source.ts'
import { type EpisodeWriting, rewriteEpisodes, type WrittenEpisodes, writeStills } from './write-episodes.ts'
import { sampleWriters, writeSamples } from './write-samples.ts'

/** Forms that data sets can be written in. */
export const convertedForms = ['lerobot', 'webdataset', 'parquet', 'folder'] as const
export type ConvertedForm = (typeof convertedForms)[number]

/** A written data set: what stands there, and the text that names it as a source. */
export interface Converted extends Omit<WrittenEpisodes, 'episodes'> {
  /** Count of episodes, of the form `lerobot`. */
  readonly episodes?: number
}

/**
 * Write a data set in another form.
 *
 * `folder`, `webdataset` and `parquet` hold one picture a sample with its captions, labels and arrays. `lerobot` holds
 * episodes: those of a `lerobot` source frame by frame with all features of numbers and all chosen cameras; of any other
 * source each sample is an episode of one frame, at 1 frame a second, its first caption the task, its labels the features
 * `label.<name>`.
 *
 * @param to The form, and a directory that is new or empty.
 * @throws ConfigError `config/conversion` for what the form cannot hold; errors of the source and of `LeRobotWriter`.
 */
export async function convertSource(
  source: Source,
  to: { readonly form: ConvertedForm; readonly directory: string },
  options: EpisodeWriting = {},
): Promise<Converted> {
  const { form, directory } = to
  if (form !== 'lerobot') {
    const written = await writeSamples(source, sampleWriters[form](directory, source), options)
    return { ...written, leftOut: [] }
  }
  const {
    kind,
    directory: from,
    ...own
  } = (source.spec ?? {}) as LerobotOptions & { kind?: string; directory?: string }
  return kind === 'lerobot' && from !== undefined
    ? rewriteEpisodes({ directory: from, options: own }, directory, options)
    : writeStills(source, directory, options)
}
