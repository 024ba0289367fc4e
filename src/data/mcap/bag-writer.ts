import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { McapWriter } from '@mcap/core'
import { DataError, optionalPackage, publishFile, writeFileAtomic } from '../../core/index.ts'
import { type CameraPixels, cameraPng, encodedPicture } from '../images/index.ts'
import { libvips } from '../images/libvips.ts'
import type { FrameValue, RecordedFrame } from '../lerobot/episode-buffer.ts'
import type { RecordedFeature } from '../lerobot/recorded-features.ts'
import type { EncodedImage } from '../sample.ts'
import {
  compressedImage,
  float64MultiArray,
  jointState,
  type RosType,
  rosDefinitions,
  stringMessage,
} from './ros-messages.ts'
import type { TopicMap } from './topic-map.ts'

/** Content of the frames of bags. */
export interface BagWriting {
  readonly fps: number
  readonly features: Readonly<Record<string, RecordedFeature>>
  readonly robotType?: string
}

/** Topic of a feature: `observation.images.top` is `/observation/images/top`. */
export const topicOf = (feature: string): string => `/${feature.replaceAll('.', '/')}`

/** Topic of commands: one at the beginning, and one where it changes. */
const taskTopic = '/task'

/**
 * Writer of episodes as bags of ROS 2, which Foxglove opens: `episode_000000.mcap` and so on, each with times from 0 on. Cameras are
 * CompressedImage, numbers with names the positions of a JointState, others Float64MultiArray, the command a String. `topics.json`
 * beside them is the map that reads them again.
 */
export class BagWriter {
  readonly directory: string
  readonly #writing: BagWriting
  #open: OpenBag | undefined
  #task: string | undefined
  #frames = 0
  #episodes = 0

  constructor(directory: string, writing: BagWriting) {
    this.directory = directory
    this.#writing = writing
    mkdirSync(directory, { recursive: true })
    writeFileAtomic(join(directory, 'topics.json'), `${JSON.stringify(mapOf(writing), undefined, 2)}\n`)
  }

  /** Count of episodes that are saved. */
  get episodes(): number {
    return this.#episodes
  }

  /** Count of frames of the episode under way. */
  get frames(): number {
    return this.#frames
  }

  /** Add a frame to the episode under way; it stands at (its place in the episode) / fps seconds. */
  async addFrame({ task, ...values }: RecordedFrame): Promise<void> {
    this.#open ??= await openBag(
      join(this.directory, `episode_${String(this.#episodes).padStart(6, '0')}.mcap`),
      this.#writing,
    )
    const { fps, features } = this.#writing
    const time = BigInt(Math.round((this.#frames / fps) * 1e9))
    if (task !== this.#task) await this.#add(taskTopic, time, stringMessage(task))
    this.#task = task
    for (const [name, feature] of Object.entries(features)) {
      const value = values[name]
      if (value === undefined) {
        const place = `frame ${this.#frames} of episode ${this.#episodes}`
        throw new DataError('data/recorded-frame', `${this.directory}: ${place} lacks "${name}"`, {
          feature: name,
        })
      }
      await this.#add(topicOf(name), time, await messageOf(name, feature, value, time))
    }
    this.#frames += 1
  }

  async #add(topic: string, time: bigint, data: Uint8Array): Promise<void> {
    const { writer, channels } = this.#open!
    const channelId = channels.get(topic)!
    await writer.addMessage({ channelId, sequence: this.#frames, logTime: time, publishTime: time, data })
  }

  /** Finish the file of the episode under way. */
  async saveEpisode(): Promise<void> {
    await this.#open?.finish()
    this.#open = undefined
    this.#task = undefined
    this.#frames = 0
    this.#episodes += 1
  }

  /** Drop the episode under way. */
  async close(): Promise<void> {
    this.#open?.abandon()
    this.#open = undefined
  }
}

const typeOf = ({ dtype, names }: RecordedFeature): RosType => {
  if (dtype === 'image' || dtype === 'video') return 'sensor_msgs/msg/CompressedImage'
  return names ? 'sensor_msgs/msg/JointState' : 'std_msgs/msg/Float64MultiArray'
}

const mapOf = ({ fps, features, robotType }: BagWriting): TopicMap => ({
  fps,
  ...(robotType && { robotType }),
  task: { topic: taskTopic },
  features: Object.fromEntries(
    Object.entries(features).map(([name, { names }]) => [
      name,
      { topic: topicOf(name), ...(names && { names }) },
    ]),
  ),
})

async function messageOf(
  name: string,
  feature: RecordedFeature,
  value: FrameValue,
  time: bigint,
): Promise<Uint8Array> {
  if (typeOf(feature) === 'sensor_msgs/msg/CompressedImage') {
    const { format, bytes } = await pictureOf(value as EncodedImage | CameraPixels)
    return compressedImage(time, name, format, bytes)
  }
  const numbers = typeof value === 'object' && 'length' in value ? Array.from(value, Number) : [Number(value)]
  return feature.names ? jointState(time, feature.names, numbers) : float64MultiArray(name, numbers)
}

/** A picture in a format that Foxglove shows; pixels and other formats become PNGs. */
async function pictureOf(image: EncodedImage | CameraPixels): Promise<{ format: string; bytes: Uint8Array }> {
  if ('data' in image) return { format: 'png', bytes: await cameraPng(image) }
  const found = await encodedPicture(image)
  const bytes = typeof found === 'string' ? await readFile(found) : found
  const sharp = await libvips()
  const { format } = await sharp(bytes).metadata()
  if (format === 'png' || format === 'jpeg' || format === 'webp') return { format, bytes }
  return { format: 'png', bytes: await sharp(bytes).png().toBuffer() }
}

interface OpenBag {
  readonly writer: McapWriter
  /** Numbers of channels by topic. */
  readonly channels: ReadonlyMap<string, number>
  finish(): Promise<void>
  abandon(): void
}

async function openBag(file: string, { features }: BagWriting): Promise<OpenBag> {
  const { McapWriter } = await optionalPackage('@mcap/core', 'writing MCAP', () => import('@mcap/core'))
  const unfinished = `${file}.${process.pid}.tmp`
  const descriptor = openSync(unfinished, 'w')
  let position = 0n
  const writable = {
    position: () => position,
    async write(bytes: Uint8Array) {
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
      position += BigInt(bytes.length)
    },
  }
  const writer = new McapWriter({ writable })
  await writer.start({ profile: 'ros2', library: 'visuomotor' })
  const channels = await registered(writer, features)
  return {
    writer,
    channels,
    async finish() {
      await writer.end()
      closeSync(descriptor)
      publishFile(unfinished, file)
    },
    abandon() {
      closeSync(descriptor)
      rmSync(unfinished, { force: true })
    },
  }
}

async function registered(
  writer: McapWriter,
  features: BagWriting['features'],
): Promise<ReadonlyMap<string, number>> {
  const topics: [string, RosType][] = Object.entries(features).map(([name, feature]) => [
    topicOf(name),
    typeOf(feature),
  ])
  const schemas = new Map<RosType, number>()
  const channels = new Map<string, number>()
  for (const [topic, type] of [...topics, [taskTopic, 'std_msgs/msg/String'] as [string, RosType]]) {
    const data = Buffer.from(rosDefinitions[type], 'utf8')
    const schemaId =
      schemas.get(type) ?? (await writer.registerSchema({ name: type, encoding: 'ros2msg', data }))
    schemas.set(type, schemaId)
    const channel = { schemaId, topic, messageEncoding: 'cdr', metadata: new Map<string, string>() }
    channels.set(topic, await writer.registerChannel(channel))
  }
  return channels
}
