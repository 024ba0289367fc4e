import { DataError, type HostArray } from '../../core/index.ts'
import { encodedPicture, mostPixels } from '../images/index.ts'
import { libvips } from '../images/libvips.ts'
import { labelLength } from '../label-range.ts'
import { isNumberType } from '../lerobot/data-columns.ts'
import { readLerobot } from '../lerobot/dataset.ts'
import type { FrameValue, RecordedFrame } from '../lerobot/episode-buffer.ts'
import { frameColumns } from '../lerobot/layout.ts'
import type { LerobotOptions } from '../lerobot/lerobot-spec.ts'
import type { RecordedFeature } from '../lerobot/recorded-features.ts'
import { lerobot } from '../lerobot/source.ts'
import type { VideoCodec } from '../lerobot/video-encoder.ts'
import { LeRobotWriter, type RecordingOptions } from '../lerobot/writer.ts'
import type { BagEpisodes } from '../mcap/bag-episodes.ts'
import type { Sample } from '../sample.ts'
import type { BadSampleReport, Source } from '../source.ts'

/** Format of the episodes, and callbacks. */
export interface EpisodeWriting {
  /** Store cameras as images or videos. Default: as the episodes have them, else as images. */
  readonly cameras?: 'image' | 'video'
  readonly videoCodec?: VideoCodec
  readonly onSample?: () => void
  readonly onBad?: BadSampleReport
  /** Receiver of notes on what is left out. */
  readonly onNote?: (text: string) => void
}

/** Counts of what was written and left out. */
export interface WrittenEpisodes {
  readonly samples: number
  readonly episodes: number
  readonly written: string
  /** Features that could not be taken along. */
  readonly leftOut: readonly string[]
}

/** Frames a second of episodes that are made of single pictures. */
const stillFps = 1

/** Writer of episodes, frame after frame. */
export type EpisodeSink = Pick<LeRobotWriter, 'addFrame' | 'frames' | 'episodes' | 'close'> & {
  saveEpisode(): Promise<unknown>
}

/** Open the writer of a form. */
export type OpenSink = (recording: RecordingOptions) => Promise<EpisodeSink>

/**
 * Write the episodes of a data set of LeRobot, of any version that is read, anew.
 * @throws errors of `lerobot` and of the writer.
 */
export async function rewriteEpisodes(
  from: { readonly directory: string; readonly options: LerobotOptions },
  open: OpenSink,
  writing: EpisodeWriting,
): Promise<Omit<WrittenEpisodes, 'written'>> {
  const { info } = readLerobot(from.directory)
  const own = Object.entries(info.features).filter(([name]) => !Object.hasOwn(frameColumns, name))
  const numbers = own.filter(([, { dtype }]) => isNumberType(dtype))
  const deltaTimestamps = Object.fromEntries(numbers.map(([name]) => [name, [0]]))
  const source = lerobot(from.directory, { ...from.options, deltaTimestamps })
  const cameras = new Set(source.cameras)
  const features = own.flatMap(([name, { dtype, shape, names }]): [string, RecordedFeature][] => {
    if (cameras.has(name))
      return [
        [
          name,
          { dtype: writing.cameras ?? (dtype === 'video' ? 'video' : 'image'), shape: pictureShape(shape) },
        ],
      ]
    if (!isNumberType(dtype)) return []
    const list = Array.isArray(names) && names.length === shape[0] ? names : undefined
    return [[name, { dtype, shape, ...(list && { names: list }) }]]
  })
  const kept = new Set(features.map(([name]) => name))
  const writer = await open({
    fps: info.fps,
    features: Object.fromEntries(features),
    ...(info.robot_type && { robotType: info.robot_type }),
  })
  const episodeOf = ({ id }: Sample) => id.split('/')[0] ?? ''
  const samples = await recordSamples(writer, source, writing, episodeOf, (sample) => frameOf(sample, source))
  const leftOut = own.map(([name]) => name).filter((name) => !kept.has(name))
  return { samples, episodes: writer.episodes, leftOut }
}

/**
 * Write the episodes of bags.
 * @throws errors of `bagEpisodes` and of the writer.
 */
export async function recordBags(
  bags: BagEpisodes,
  open: OpenSink,
  { cameras = 'image', onSample, onNote }: EpisodeWriting,
): Promise<Omit<WrittenEpisodes, 'written'>> {
  const { fps, robotType } = bags
  const features = Object.entries(bags.features).map(([name, feature]) => [
    name,
    feature.dtype === 'image' ? { ...feature, dtype: cameras } : feature,
  ])
  const writer = await open({ fps, features: Object.fromEntries(features), ...(robotType && { robotType }) })
  let samples = 0
  try {
    for await (const { frame, values } of bags.frames(onNote)) {
      if (frame === 0 && writer.frames > 0) await writer.saveEpisode()
      await writer.addFrame(values)
      samples += 1
      onSample?.()
    }
    if (writer.frames > 0) await writer.saveEpisode()
  } finally {
    await writer.close()
  }
  return { samples, episodes: writer.episodes, leftOut: [] }
}

/** Height, width and channels, which some data sets store with the channels first. */
const pictureShape = ([a = 0, b = 0, c = 0]: readonly number[]): number[] =>
  a === 3 && c !== 3 ? [b, c, a] : [a, b, c]

/**
 * Write samples that are not of episodes: each is an episode of a single frame, its labels and arrays are features. A label that
 * some samples lack is zeros in them, and has a feature `label.<name>_present`, 1 or 0.
 * @throws DataError `data/recorded-frame` for pictures of different sizes.
 */
export async function writeStills(
  source: Source,
  to: string,
  writing: EpisodeWriting,
): Promise<WrittenEpisodes> {
  const first = await firstSample(source)
  const names = source.cameras ?? ['camera']
  const cameras = names.map((name) => `observation.images.${name}`)
  const { width, height } = await sizeOf(first)
  const dtype = writing.cameras ?? 'image'
  const kinds = Object.entries(source.labels ?? {})
  const partial = await partialLabels(source)
  const labels = kinds.flatMap(([name, kind]): [string, RecordedFeature][] => [
    [`label.${name}`, { dtype: 'float32', shape: [labelLength(kind)] }],
    ...(partial.has(name)
      ? [[presence(name), { dtype: 'float32', shape: [1] }] as [string, RecordedFeature]]
      : []),
  ])
  const arrays = Object.entries(source.arrays ?? {}).map(([name, { shape }]): [string, RecordedFeature] => [
    name,
    { dtype: 'float32', shape: [shape.reduce((product, side) => product * side, 1)] },
  ])
  const pictures = cameras.map((name): [string, RecordedFeature] => [
    name,
    { dtype, shape: [height, width, 3] },
  ])
  const writer = await LeRobotWriter.open(to, {
    fps: stillFps,
    features: Object.fromEntries([...pictures, ...labels, ...arrays]),
    ...(writing.videoCodec && { videoCodec: writing.videoCodec }),
  })
  const samples = await recordSamples(
    writer,
    source,
    writing,
    ({ id }) => id,
    (sample) => {
      const { labels: own = {} } = sample
      const named = kinds.flatMap(([name, kind]): [string, FrameValue][] => [
        [`label.${name}`, own[name] ?? Array(labelLength(kind)).fill(0)],
        ...(partial.has(name) ? [[presence(name), [own[name] ? 1 : 0]] as [string, FrameValue]] : []),
      ])
      return { ...frameOf(sample, source, 'observation.images.'), ...Object.fromEntries(named) }
    },
  )
  return { samples, episodes: writer.episodes, written: `lerobot:${to}`, leftOut: [] }
}

/** Feature that tells if a sample has a label. */
const presence = (label: string): string => `label.${label}_present`

/** Labels that not all samples of a source have; it is read once for them. */
async function partialLabels(source: Source): Promise<ReadonlySet<string>> {
  const names = Object.keys(source.labels ?? {})
  const partial = new Set<string>()
  if (names.length === 0) return partial
  for await (const { labels = {} } of source.samples({ onBad: () => {} }))
    for (const name of names) if (labels[name] === undefined) partial.add(name)
  return partial
}

async function recordSamples(
  writer: EpisodeSink,
  source: Source,
  { onSample, onBad }: EpisodeWriting,
  episodeOf: (sample: Sample) => string,
  frame: (sample: Sample) => RecordedFrame,
): Promise<number> {
  let samples = 0
  let episode: string | undefined
  for await (const sample of source.samples(onBad ? { onBad } : {})) {
    if (episode !== undefined && episodeOf(sample) !== episode) await writer.saveEpisode()
    episode = episodeOf(sample)
    await writer.addFrame(frame(sample))
    samples += 1
    onSample?.()
  }
  if (writer.frames > 0) await writer.saveEpisode()
  await writer.close()
  return samples
}

/** A frame from a sample: its pictures, its arrays without the marks of windows, and its first caption. */
function frameOf(
  { image, views = {}, captions, arrays = {} }: Sample,
  source: Source,
  prefix = '',
): RecordedFrame {
  const [first = 'camera', ...others] = source.cameras ?? []
  const values = Object.entries(arrays)
    .filter(([name]) => !name.endsWith('_is_pad'))
    .map(([name, array]): [string, FrameValue] => [name, numbersOf(array)])
  const pictures: [string, FrameValue][] = [
    [prefix + first, image],
    ...others.map((name): [string, FrameValue] => [prefix + name, views[name]!]),
  ]
  return { task: captions[0] ?? '', ...Object.fromEntries([...values, ...pictures]) }
}

const numbersOf = ({ data }: HostArray): number[] => Array.from(data as ArrayLike<number | bigint>, Number)

async function firstSample(source: Source): Promise<Sample> {
  for await (const sample of source.samples({ onBad: () => {} })) return sample
  throw new DataError('data/empty-source', `${source.name} has no usable sample to convert`, {
    source: source.name,
  })
}

async function sizeOf({ image }: Sample): Promise<{ width: number; height: number }> {
  const sharp = await libvips()
  return (await sharp(await encodedPicture(image), { limitInputPixels: mostPixels }).metadata()).autoOrient
}
