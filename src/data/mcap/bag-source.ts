import { ConfigError } from '../../core/index.ts'
import type { CameraPixels } from '../images/index.ts'
import { libvips } from '../images/libvips.ts'
import type { FrameValue } from '../lerobot/episode-buffer.ts'
import type { ArrayKind, EncodedImage, Sample } from '../sample.ts'
import type { Source } from '../source.ts'
import type { BagEpisodes, BagFrame } from './bag-episodes.ts'

/**
 * Frames of bags as samples, for forms that hold samples. It cannot begin in the middle without reading what is before: to train
 * on bags, convert them.
 * @throws ConfigError `config/conversion` without a camera.
 */
export function bagSource(episodes: BagEpisodes, onNote?: (text: string) => void): Source {
  const { pattern, features } = episodes
  const all = Object.entries(features)
  const cameras = all.filter(([, { dtype }]) => dtype === 'image').map(([name]) => name)
  if (cameras.length === 0) {
    const message = `the topic map of ${pattern} has no camera, and this form holds a picture a sample: map one, or take --to lerobot`
    throw new ConfigError('config/conversion', message, { source: pattern })
  }
  const arrays = all
    .filter(([, { dtype }]) => dtype !== 'image')
    .map(([name, { shape, names }]): [string, ArrayKind] => [
      name,
      { dtype: 'float32', shape: [...shape], isMotion: true, ...(names && { names }) },
    ])
  return {
    name: `mcap(${pattern})`,
    cameras,
    arrays: Object.fromEntries(arrays),
    async *samples({ skip = 0 } = {}) {
      let place = 0
      for await (const frame of episodes.frames(onNote))
        if (place++ >= skip) yield await sampleOf(frame, features)
    },
  }
}

async function sampleOf(
  { episode, frame, file, values: { task, ...values } }: BagFrame,
  features: BagEpisodes['features'],
): Promise<Sample> {
  const pictures: [string, EncodedImage][] = []
  const arrays: [string, { dtype: 'float32'; shape: number[]; data: Float32Array }][] = []
  for (const [name, value] of Object.entries(values)) {
    const { dtype, shape = [] } = features[name] ?? {}
    if (dtype === 'image') pictures.push([name, await encoded(value)])
    else
      arrays.push([name, { dtype: 'float32', shape: [...shape], data: Float32Array.from(value as number[]) }])
  }
  const [[, image] = ['', { bytes: new Uint8Array() }], ...views] = pictures
  return {
    id: `${episode}/${frame}`,
    image,
    ...(views.length > 0 && { views: Object.fromEntries(views) }),
    captions: [task],
    concept: task,
    origin: { file },
    arrays: Object.fromEntries(arrays),
  }
}

async function encoded(value: FrameValue): Promise<EncodedImage> {
  if (typeof value === 'object' && 'bytes' in value) return value
  const { width, height, data } = value as CameraPixels
  const sharp = await libvips()
  return {
    bytes: await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer(),
  }
}
