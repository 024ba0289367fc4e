import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError, DataError } from '../../core/index.ts'
import type { EncodedImage, Sample } from '../sample.ts'
import type { Source } from '../source.ts'
import { shareName } from '../sources/composition/share.ts'
import { imageOf } from '../sources/parquet/row-sample.ts'
import { type ParquetRow, parquetRows } from '../sources/parquet/rows.ts'
import { asDataError, deliver, type Found } from '../sources/pass.ts'
import { videoDecoder } from '../video/index.ts'
import { chooseEpisodes } from './chosen-episodes.ts'
import { arrayKindsOf, type ChosenFeatures, chooseFeatures } from './chosen-features.ts'
import { type LerobotDataset, readLerobot } from './dataset.ts'
import type { Episode } from './episode.ts'
import { EpisodeReader, type EpisodeRows } from './episode-rows.ts'
import { frameError } from './frame-error.ts'
import { layoutError, lerobotFiles } from './layout.ts'
import type { LerobotOptions } from './lerobot-spec.ts'
import { statisticsOf } from './statistics.ts'
import { framesOfVideo } from './video-frames.ts'
import { unusableFrame, windowsAt } from './windows.ts'

/**
 * Frames of a robot's episodes as LeRobot stores them, versions 3.0 and 2.1: every frame is a sample with the pictures
 * of its cameras, the state, the actions from it on, and its task as the caption.
 *
 * Arrays have the names of features: `action` float32 [chunk, …], `action_is_pad` bool [chunk], `observation.state`
 * float32 [state], with `observationSteps` > 1 [steps, state] and `observation.state_is_pad`. Outside an episode a window
 * holds its first or last frame and is marked, as with LeRobot's `delta_timestamps`. `statistics` are those of
 * `stats.json`, of the whole data set.
 *
 * Samples come in the order of episodes and frames; an id is `episode/frame`. A pass begins at any frame without
 * reading earlier ones. Videos are decoded when a loader prepares a frame.
 *
 * @throws DataError `data/lerobot-version` for versions 1 and 2.0, `data/lerobot-layout` for files that are missing
 * (also videos) or have another form; ConfigError `data/lerobot-features` and `data/lerobot-episodes` for what is not
 * there, also where `dropLastFrames` leaves no sample. During a pass, unless `onBad` takes it, DataError `data/lerobot-frame` for frames out of their time, values
 * that are not finite in a sample's window, and tasks without a text.
 */
export function lerobot(directory: string, options: LerobotOptions = {}): Source {
  const dataset = readLerobot(directory)
  const chosen = chooseFeatures(dataset.info, options, directory)
  const episodes = chooseEpisodes(dataset, options.episodes)
  requireFiles(episodes, chosen)
  const dropped = options.dropLastFrames ?? 0
  requireSamples(episodes, dropped, directory)
  const selection = { dataset, chosen, episodes, dropped }
  if (chosen.cameras.some(({ key }) => dataset.info.features[key]?.dtype === 'video')) videoDecoder()
  const range = { from: 0, to: episodes.reduce((sum, episode) => sum + framesOf(episode, selection), 0) }
  const selected = typeof options.episodes === 'string' ? `, ${options.episodes}` : ''
  return {
    ...overEpisodes(`lerobot(${directory}${selected})`, selection, range),
    spec: { kind: 'lerobot', directory, ...options },
  }
}

/** Contents that a pass reads. */
interface Selection {
  readonly dataset: LerobotDataset
  readonly chosen: ChosenFeatures
  readonly episodes: readonly Episode[]
  /** Last frames of each episode that are no samples. */
  readonly dropped: number
}

/** Count of an episode's samples. */
const framesOf = ({ length }: Episode, { dropped }: Pick<Selection, 'dropped'>): number =>
  Math.max(0, length - dropped)

/** Places of a selection. */
interface PlaceRange {
  readonly from: number
  readonly to: number
}

function overEpisodes(name: string, selection: Selection, range: PlaceRange): Source {
  const { dataset, chosen } = selection
  const { info, stats, directory } = dataset
  const notes = [...shortEpisodes(selection)].map((note) => `${name}: ${note}`)
  const keys = Object.fromEntries([...chosen.cameras, ...chosen.features].map(({ name, key }) => [name, key]))
  return {
    name,
    size: range.to - range.from,
    arrays: arrayKindsOf(chosen.features, info),
    cameras: chosen.cameras.map(({ name }) => name),
    ...(stats && { statistics: statisticsOf(stats, keys, join(directory, lerobotFiles.stats)) }),
    ...(notes.length > 0 && { notes }),
    samples: ({ skip = 0, onBad } = {}) =>
      deliver(foundIn(selection, { from: range.from + skip, to: range.to }), onBad),
    share(member) {
      const border = (rank: number) => range.from + Math.floor(((range.to - range.from) * rank) / member.size)
      const own = { from: border(member.rank), to: border(member.rank + 1) }
      return overEpisodes(shareName(name, member), selection, own)
    },
  }
}

/** Sentences on episodes that end before a window of their first frame does, and on those without samples. */
function* shortEpisodes({ episodes, chosen, dropped }: Selection): Generator<string> {
  const none = episodes.filter(({ length }) => length <= dropped)
  if (none.length > 0)
    yield `${none.length} of ${episodes.length} episodes have no samples, since their last ${dropped} frames are none (dropLastFrames)`
  const window = Math.max(...chosen.features.flatMap(({ deltas }) => deltas)) + 1
  const short = episodes.filter(({ length }) => length < window)
  const [first] = short.toSorted((a, b) => a.length - b.length)
  if (first === undefined) return
  const many = `${short.length} of ${episodes.length} episodes`
  yield `${many} are shorter than a window of ${window} frames (episode ${first.index} has ${first.length}): what they lack is padded`
}

/** Refuse a count of dropped frames that is none, or that leaves no sample. */
function requireSamples(episodes: readonly Episode[], dropped: number, directory: string): void {
  const refuse = (problem: string) =>
    new ConfigError('data/lerobot-episodes', `${directory}: dropLastFrames is ${dropped}${problem}`, {
      directory,
      dropped,
    })
  if (!Number.isInteger(dropped) || dropped < 0) throw refuse('; it must be a whole number, 0 or more')
  const longest = episodes.reduce((most, { length }) => Math.max(most, length), 0)
  if (dropped > 0 && episodes.length > 0 && longest <= dropped)
    throw refuse(` and the longest episode has ${longest} frames, so no sample is left; make it smaller`)
}

/** Refuse a selection whose files are not all there. */
function requireFiles(episodes: readonly Episode[], { cameras }: ChosenFeatures): void {
  const seen = new Set<string>()
  for (const { index, data, videos } of episodes) {
    const needed = [['data', data.file], ...cameras.map(({ key }) => [key, videos[key]?.file])]
    for (const [key, file] of needed) {
      if (file === undefined || seen.has(file)) continue
      if (!existsSync(file)) throw layoutError(file, `episode ${index} lacks this file, which holds "${key}"`)
      seen.add(file)
    }
  }
}

async function* foundIn(selection: Selection, range: PlaceRange): AsyncGenerator<Found> {
  const { dataset, chosen, episodes } = selection
  const reader = new EpisodeReader(chosen.features, dataset.info.fps)
  let first = 0
  try {
    for (const episode of episodes) {
      const from = Math.max(0, range.from - first)
      const frames = framesOf(episode, selection)
      const to = Math.min(frames, range.to - first)
      first += frames
      if (from >= to) continue
      const rows = await reader.read(episode).catch(asDataError)
      if (rows instanceof DataError) for (let frame = from; frame < to; frame++) yield rows
      else yield* samplesOf(selection, episode, rows, { from, to })
    }
  } finally {
    await reader.close()
  }
}

/** Samples of the frames of an episode. */
async function* samplesOf(
  { dataset, chosen }: Selection,
  episode: Episode,
  rows: EpisodeRows,
  range: PlaceRange,
): AsyncGenerator<Found> {
  const pictures = chosen.cameras.map(({ key }) => picturesOf(key, { dataset, episode, rows }, range))
  try {
    for (let frame = range.from; frame < range.to; frame++) {
      const found: (EncodedImage | DataError)[] = []
      for (const picture of pictures) found.push((await picture.next()).value as EncodedImage | DataError)
      yield found.find((picture) => picture instanceof DataError) ??
        sampleOf({ dataset, chosen }, episode, rows, frame, found as EncodedImage[])
    }
  } finally {
    for (const picture of pictures) await picture.return(undefined)
  }
}

function sampleOf(
  { dataset, chosen }: Pick<Selection, 'dataset' | 'chosen'>,
  episode: Episode,
  rows: EpisodeRows,
  frame: number,
  [image, ...others]: readonly EncodedImage[],
): Found {
  const { cameras, features } = chosen
  const unusable = unusableFrame(rows, frame, episode.length, features)
  if (unusable !== undefined)
    return frameError(episode, unusable.frame, unusable.key, 'it holds a value that is not finite')
  const task = dataset.tasks.get(rows.taskIndices[frame]!)
  if (task === undefined)
    return frameError(episode, frame, 'task_index', `there is no task ${rows.taskIndices[frame]}`)
  const sample: Sample = {
    id: `${episode.index}/${frame}`,
    image: image!,
    ...(others.length > 0 && {
      views: Object.fromEntries(others.map((view, i) => [cameras[i + 1]!.name, view])),
    }),
    captions: [task],
    concept: task,
    origin: { file: episode.data.file },
    arrays: windowsAt(rows, frame, episode.length, features),
  }
  return sample
}

/** Pictures of a camera, frame after frame. */
function picturesOf(
  key: string,
  { dataset, episode, rows }: { dataset: LerobotDataset; episode: Episode; rows: EpisodeRows },
  range: PlaceRange,
): AsyncGenerator<EncodedImage | DataError> {
  if (episode.videos[key] === undefined) return storedPictures(key, episode, dataset.directory, range)
  return framesOfVideo(episode.videos[key], rows.timestamps, dataset.info.fps, range)
}

/** Pictures in the data itself, as structs of bytes and path. */
async function* storedPictures(
  key: string,
  episode: Episode,
  directory: string,
  { from, to }: PlaceRange,
): AsyncGenerator<EncodedImage | DataError> {
  const { file, row } = episode.data
  const columns = { image: key, others: [] }
  for await (const found of parquetRows(file, columns, { from: row + from, to: row + to }))
    yield found instanceof DataError ? found : pictureIn(found, key, episode, directory)
}

async function pictureIn(
  { number, values }: ParquetRow,
  key: string,
  episode: Episode,
  directory: string,
): Promise<EncodedImage | DataError> {
  const frame = number - episode.data.row
  try {
    return await imageOf(values[key], { image: key, directory }, (_code, problem) =>
      frameError(episode, frame, key, problem),
    )
  } catch (error) {
    if (error instanceof DataError) return error
    throw error
  }
}
