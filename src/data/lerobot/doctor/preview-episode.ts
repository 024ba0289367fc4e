import { ConfigError } from '../../../core/index.ts'
import { encodedPicture, mostPixels } from '../../images/index.ts'
import { libvips } from '../../images/libvips.ts'
import type { EncodedImage } from '../../sample.ts'
import { readLerobot } from '../dataset.ts'
import { camerasOf } from '../episode.ts'
import { lerobot } from '../source.ts'
import { namedPictures } from './check-cameras.ts'
import { readSeries, valueNames, valuesOf } from './episode-series.ts'

/** An episode for people to look at. */
export interface EpisodePreview {
  readonly index: number
  readonly episodes: number
  readonly fps: number
  /** Frames of the episode, and those that are shown: every `every`-th. */
  readonly frames: number
  readonly every: number
  /** Seconds and command of each shown frame. */
  readonly times: readonly number[]
  readonly commands: readonly string[]
  /** Pictures of each shown frame, JPEG. */
  readonly cameras: readonly { readonly name: string; readonly pictures: readonly Uint8Array[] }[]
  /** Numbers of each feature, by the frames that are shown. */
  readonly features: readonly {
    readonly name: string
    readonly lines: readonly { readonly name: string; readonly values: readonly number[] }[]
  }[]
}

/** Frames shown at most, and the longest side of their pictures in pixels. */
const shown = { frames: 300, side: 320 } as const

/**
 * Preview an episode: pictures of its cameras, its command, and its numbers.
 * @throws ConfigError `data/lerobot-episodes` for an episode that is not there; DataError for one that cannot be read.
 */
export async function previewEpisode(directory: string, index: number): Promise<EpisodePreview> {
  const dataset = readLerobot(directory)
  const { info, episodes, tasks } = dataset
  const episode = episodes[index]
  if (episode === undefined) {
    const message = `${directory} has no episode ${index}: there are ${episodes.length}, counted from 0`
    throw new ConfigError('data/lerobot-episodes', message, { directory, episode: index })
  }
  const [series] = readSeries({ ...dataset, episodes: [episode] })
  const every = Math.ceil(episode.length / shown.frames)
  const places = Array.from({ length: Math.ceil(episode.length / every) }, (_, i) => i * every)
  const names = valueNames(info)
  const lines = names.map((name) => ({ ...name, values: series ? valuesOf(series, name) : [] }))
  return {
    index,
    episodes: episodes.length,
    fps: info.fps,
    frames: episode.length,
    every,
    times: places.map((frame) => series?.timestamps[frame] ?? frame / info.fps),
    commands: places.map((frame) => tasks.get(series?.taskIndices[frame] ?? -1) ?? ''),
    cameras: camerasOf(info).length > 0 ? await picturesOf(directory, index, places) : [],
    features: [...new Set(names.map(({ feature }) => feature))].map((feature) => ({
      name: feature,
      lines: lines
        .filter((line) => line.feature === feature)
        .map(({ title, values }) => ({
          name: title === feature ? feature : title.slice(feature.length).trim(),
          values: places.map((frame) => values[frame] ?? 0),
        })),
    })),
  }
}

async function picturesOf(
  directory: string,
  index: number,
  places: readonly number[],
): Promise<EpisodePreview['cameras']> {
  const source = lerobot(directory, { episodes: [index] })
  const wanted = new Set(places)
  const pictures = new Map<string, Uint8Array[]>()
  let frame = 0
  for await (const sample of source.samples()) {
    if (wanted.has(frame)) {
      for (const [camera, image] of Object.entries(namedPictures(sample, source.cameras ?? []))) {
        const own = pictures.get(camera) ?? []
        own.push(await smallJpeg(image))
        pictures.set(camera, own)
      }
    }
    frame++
  }
  return [...pictures].map(([name, own]) => ({ name, pictures: own }))
}

async function smallJpeg(image: EncodedImage): Promise<Uint8Array> {
  const sharp = await libvips()
  return sharp(await encodedPicture(image), { limitInputPixels: mostPixels })
    .resize(shown.side, shown.side, { fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: 75 })
    .toBuffer()
}
