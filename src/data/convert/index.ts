import { ConfigError } from '../../core/index.ts'
import type { LerobotOptions } from '../lerobot/lerobot-spec.ts'
import { LeRobotWriter } from '../lerobot/writer.ts'
import { type BagEpisodes, BagWriter, bagSource } from '../mcap/index.ts'
import type { Source } from '../source.ts'
import {
  type EpisodeWriting,
  type OpenSink,
  recordBags,
  rewriteEpisodes,
  type WrittenEpisodes,
  writeStills,
} from './write-episodes.ts'
import { sampleWriters, writeSamples } from './write-samples.ts'

/** Forms that data sets can be written in. */
export const convertedForms = ['lerobot', 'mcap', 'webdataset', 'parquet', 'folder'] as const
export type ConvertedForm = (typeof convertedForms)[number]

/** A written data set: what stands there, and the text that names it as a source. */
export interface Converted extends Omit<WrittenEpisodes, 'episodes'> {
  /** Count of episodes, of the forms `lerobot` and `mcap`. */
  readonly episodes?: number
}

/**
 * Write a data set in another form.
 *
 * `folder`, `webdataset` and `parquet` hold one picture a sample with its captions, labels and arrays. `lerobot` holds
 * episodes: those of a `lerobot` source frame by frame with all features of numbers and all chosen cameras, those of bags;
 * of any other source each sample is an episode of one frame, at 1 frame a second, its first caption the task, its
 * labels the features `label.<name>`. `mcap` holds the episodes of a `lerobot` source or of bags, a file each.
 *
 * @param to The form, and a directory that is new or empty.
 * @throws ConfigError `config/conversion` for what the form cannot hold; errors of the source and of `LeRobotWriter`.
 */
export async function convertSource(
  source: Source | BagEpisodes,
  to: { readonly form: ConvertedForm; readonly directory: string },
  options: EpisodeWriting = {},
): Promise<Converted> {
  const { form, directory } = to
  if (form !== 'lerobot' && form !== 'mcap') {
    const samples = 'frames' in source ? bagSource(source, options.onNote) : source
    const written = await writeSamples(samples, sampleWriters[form](directory, samples), options)
    return { ...written, leftOut: [] }
  }
  const written = form === 'mcap' ? `mcap:${directory}/*.mcap` : `lerobot:${directory}`
  const open = form === 'mcap' ? openBags(directory) : openEpisodes(directory, options)
  if ('frames' in source) return { ...(await recordBags(source, open, options)), written }
  const {
    kind,
    directory: from,
    ...own
  } = (source.spec ?? {}) as LerobotOptions & { kind?: string; directory?: string }
  if (kind === 'lerobot' && from !== undefined)
    return { ...(await rewriteEpisodes({ directory: from, options: own }, open, options)), written }
  if (form === 'lerobot') return writeStills(source, directory, options)
  const message = `${source.name} has no episodes, which are what MCAP files hold: convert a lerobot source`
  throw new ConfigError('config/conversion', message, { source: source.name })
}

const openBags =
  (directory: string): OpenSink =>
  async (recording) =>
    new BagWriter(directory, recording)

const openEpisodes =
  (directory: string, { videoCodec }: EpisodeWriting): OpenSink =>
  (recording) =>
    LeRobotWriter.open(directory, { ...recording, ...(videoCodec && { videoCodec }) })
