import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { ConfigError, problemsOf, schemaKeys } from '../../core/index.ts'

const topic = z.string().min(1)
const seconds = z.number().positive()
const paths = z.union([z.string().min(1), z.array(z.string().min(1)).nonempty()])

const mappedFeature = z.strictObject({
  topic,
  field: paths.exactOptional(),
  names: z.array(z.string()).nonempty().exactOptional(),
  maximumGap: seconds.exactOptional(),
})

const topicMapSchema = z.strictObject({
  fps: z.int().positive(),
  robotType: z.string().exactOptional(),
  task: z.union([
    z.strictObject({ text: z.string().min(1) }),
    z.strictObject({ topic, field: z.string().min(1).exactOptional() }),
  ]),
  features: z.record(z.string(), mappedFeature),
  maximumGap: seconds.exactOptional(),
  recording: topic.exactOptional(),
})

/** Seconds without a message that are allowed where the map says nothing. */
export const usualGap = 0.2

/** Origin of a feature of the episodes. */
export interface MappedFeature {
  readonly topic: string
  /**
   * Path of the numbers in a message, or paths of several whose numbers follow each other: `pose.position.x`. Default:
   * `position` of a JointState, `data` of an array or a number; a picture needs none.
   */
  readonly field?: string | readonly string[]
  /** Joints of a JointState, in the order of the feature; of other messages names of the numbers. Default: as the first message has them. */
  readonly names?: readonly string[]
  /** Seconds without a message that are allowed. Default: the map's. */
  readonly maximumGap?: number
}

/** Table that makes episodes of a robot's topics. */
export interface TopicMap {
  /** Frames a second of the episodes: at each tick a frame holds the latest message of every topic. */
  readonly fps: number
  readonly robotType?: string
  /** The command: a text for all, or a topic of texts, each of which holds until the next. `field` is `data` by default. */
  readonly task: { readonly text: string } | { readonly topic: string; readonly field?: string }
  /** Features by name, such as `observation.images.top`, `observation.state`, `action`. */
  readonly features: Readonly<Record<string, MappedFeature>>
  /** Seconds without a message of a topic that are allowed; default 0.2. Commands may be older. */
  readonly maximumGap?: number
  /** Topic of `std_msgs/Bool`: true begins an episode, false ends it. Default: a bag is one episode. */
  readonly recording?: string
}

const keysAt = schemaKeys(topicMapSchema)

/** Check a table. @param file Its name for messages. @throws ConfigError `config/topic-map`. */
export function checkedTopicMap(given: unknown, file = 'the topic map'): TopicMap {
  const result = topicMapSchema.safeParse(given)
  if (!result.success) {
    const problems = problemsOf(result.error, keysAt, given)
    throw new ConfigError('config/topic-map', `${file}: ${problems.join('; ')}`, { file, problems })
  }
  if (Object.keys(result.data.features).length === 0)
    throw new ConfigError('config/topic-map', `${file} maps no feature: name some under "features"`, { file })
  return result.data
}

/** Read a table from a JSON file. @throws ConfigError `config/topic-map`. */
export function readTopicMap(file: string): TopicMap {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    const message = `${file} cannot be read as a topic map: ${(cause as Error).message}`
    throw new ConfigError('config/topic-map', message, { file }, { cause })
  }
  return checkedTopicMap(content, file)
}
