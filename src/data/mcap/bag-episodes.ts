import { DataError } from '../../core/index.ts'
import { libvips } from '../images/libvips.ts'
import type { FrameValue, RecordedFrame } from '../lerobot/episode-buffer.ts'
import type { RecordedFeature } from '../lerobot/recorded-features.ts'
import { Bag, type BagFiles, listBags } from './bag.ts'
import { messageError } from './mcap-error.ts'
import { MessageDecoder } from './message-decoder.ts'
import { numbersOf, textOf } from './message-numbers.ts'
import { isPicture, pictureOf } from './message-pictures.ts'
import { type Tick, ticksOf } from './ticks.ts'
import { checkedTopicMap, type TopicMap } from './topic-map.ts'

/** A frame of an episode, and where it stands. */
export interface BagFrame {
  /** Number of the episode among those of all bags. */
  readonly episode: number
  /** Number of the frame in its episode. */
  readonly frame: number
  readonly file: string
  readonly values: RecordedFrame
}

/** Episodes of bags, by a table of topics. */
export interface BagEpisodes {
  readonly pattern: string
  readonly fps: number
  readonly robotType?: string
  readonly features: Readonly<Record<string, RecordedFeature>>
  frames(onNote?: (text: string) => void): AsyncGenerator<BagFrame>
}

/**
 * Open bags of ROS 2 as episodes: what every frame holds is told by the first messages of the first bag.
 *
 * @param pattern Files `*.mcap` and directories of ROS 2's bags; braces, `*` and `?` match. Each is an episode, or several where the
 * map has `recording`.
 * @throws ConfigError `config/topic-map`; DataError `data/mcap-file`, `data/mcap-topic`, `data/mcap-message` and `data/mcap-gap`, that
 * name file, topic and time: here for what the first frame needs, and while frames are read.
 */
export async function bagEpisodes(pattern: string, given: TopicMap): Promise<BagEpisodes> {
  const map = checkedTopicMap(given)
  const bags = listBags(pattern)
  const features = await featuresOf(bags, map)
  const names = Object.entries(map.features).map(([name, mapped]) => {
    const { names } = features[name] ?? {}
    return [name, names ? { ...mapped, names } : mapped] as const
  })
  const resolved: TopicMap = { ...map, features: Object.fromEntries(names) }
  const frames = (onNote: (text: string) => void = () => {}) => framesOf(bags, resolved, onNote)
  const { fps, robotType } = map
  return { pattern, fps, ...(robotType && { robotType }), features, frames }
}

async function featuresOf(
  bags: readonly BagFiles[],
  map: TopicMap,
): Promise<Readonly<Record<string, RecordedFeature>>> {
  for (const files of bags) {
    const bag = await Bag.open(files)
    try {
      for await (const tick of ticksOf(bag, map, () => {})) return await featuresAt(tick, map)
    } finally {
      await bag.close()
    }
  }
  const { path } = bags[0] ?? { path: '' }
  throw new DataError('data/empty-source', `${path} has no episode`, { file: path })
}

async function featuresAt(
  { latest }: Tick,
  map: TopicMap,
): Promise<Readonly<Record<string, RecordedFeature>>> {
  const decoder = new MessageDecoder()
  const features: Record<string, RecordedFeature> = {}
  for (const [name, mapped] of Object.entries(map.features)) {
    const message = latest.get(mapped.topic)!
    const fields = await decoder.decode(message)
    if (isPicture(message)) {
      const picture = pictureOf(message, fields)
      const { width, height } = 'bytes' in picture ? await sizeOf(picture.bytes, message) : picture
      features[name] = { dtype: 'image', shape: [height, width, 3] }
    } else {
      const { numbers, names } = numbersOf(message, fields, mapped)
      features[name] = { dtype: 'float32', shape: [numbers.length], ...(names && { names }) }
    }
  }
  return features
}

async function sizeOf(bytes: Uint8Array, place: Parameters<typeof messageError>[0]) {
  const sharp = await libvips()
  try {
    return await sharp(bytes).metadata()
  } catch (cause) {
    throw messageError(place, `its picture cannot be decoded: ${(cause as Error).message}`, cause)
  }
}

async function* framesOf(
  bags: readonly BagFiles[],
  map: TopicMap,
  onNote: (text: string) => void,
): AsyncGenerator<BagFrame> {
  let [episode, frame, before] = [-1, 0, '']
  for (const files of bags) {
    const bag = await Bag.open(files)
    const decoder = new MessageDecoder()
    try {
      for await (const tick of ticksOf(bag, map, onNote)) {
        const place = `${files.path}\n${tick.episode}`
        frame = place === before ? frame + 1 : 0
        if (place !== before) episode += 1
        before = place
        yield { episode, frame, file: files.path, values: await frameAt(tick, map, decoder) }
      }
    } finally {
      await bag.close()
    }
  }
}

async function frameAt({ latest }: Tick, map: TopicMap, decoder: MessageDecoder): Promise<RecordedFrame> {
  const decoded = new Map<string, Promise<Readonly<Record<string, unknown>>>>()
  const at = async (topic: string) => {
    const message = latest.get(topic)!
    const fields = decoded.get(topic) ?? decoder.decode(message)
    decoded.set(topic, fields)
    return { message, fields: await fields }
  }
  const values: Record<string, FrameValue> = {}
  for (const [name, mapped] of Object.entries(map.features)) {
    const { message, fields } = await at(mapped.topic)
    values[name] = isPicture(message)
      ? pictureOf(message, fields)
      : numbersOf(message, fields, mapped).numbers
  }
  if ('text' in map.task) return { ...values, task: map.task.text }
  const { message, fields } = await at(map.task.topic)
  return { ...values, task: textOf(message, fields, map.task.field) }
}
