import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { McapWriter } from '@mcap/core'
import sharp from 'sharp'
import { afterAll, expect, test } from 'vitest'
import { recordEpisodes, recordedFeatures, soundFrame } from '../../../test/support/recorded-episodes.ts'
import { convertSource } from '../convert/index.ts'
import { lerobot } from '../lerobot/index.ts'
import type { Sample } from '../sample.ts'
import { webdataset } from '../sources/index.ts'
import { BagWriter, bagEpisodes, checkedTopicMap, type TopicMap } from './index.ts'
import { jointState, type RosType, rosDefinitions, stringMessage } from './ros-messages.ts'

const home = mkdtempSync(join(tmpdir(), 'mcap-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))
const golden = join(import.meta.dirname, '../../../test/golden/mcap')

const joints = ['shoulder', 'elbow', 'wrist']
const state = { topic: '/joint_states', names: joints }
const features = {
  'observation.state': state,
  'observation.velocity': { ...state, field: 'velocity' },
  action: { topic: '/command' },
  'observation.twist': { topic: '/cmd_vel', field: ['linear.x', 'angular.z'] },
  rgb8: { topic: '/rgb8' },
  bgr8: { topic: '/bgr8' },
  mono8: { topic: '/mono8' },
  compressed: { topic: '/compressed' },
}
const map: TopicMap = { fps: 20, task: { topic: '/task' }, features }

async function rgb(value: unknown): Promise<number[]> {
  const { bytes, data } = value as { bytes?: Uint8Array; data?: Uint8Array }
  return [...(data ?? (await sharp(bytes).raw().toBuffer()))]
}

const framesOf = async (pattern: string, topics: TopicMap) =>
  Readable.from((await bagEpisodes(pattern, topics)).frames()).toArray()

test.each(['zstd', 'lz4', 'plain'])(
  'a bag that Python wrote in chunks of %s has the same values',
  async (name) => {
    const expected = JSON.parse(readFileSync(join(golden, 'expected.json'), 'utf8'))
    const episodes = await bagEpisodes(join(golden, `${name}.mcap`), map)
    expect(episodes.features['observation.state']).toEqual({ dtype: 'float32', shape: [3], names: joints })
    expect(episodes.features.compressed).toEqual({ dtype: 'image', shape: [6, 8, 3] })
    const frames = await Readable.from(episodes.frames()).toArray()
    expect(frames).toHaveLength(expected.length)
    for (const [i, { values }] of frames.entries()) {
      const pictures = ['rgb8', 'bgr8', 'mono8', 'compressed']
      const decoded = await Promise.all(pictures.map(async (key) => [key, await rgb(values[key])]))
      expect({ ...values, ...Object.fromEntries(decoded) }).toEqual(expected[i])
    }
  },
)

test('messages of Foxglove in JSON are read', async () => {
  const topics: TopicMap = {
    fps: 10,
    task: { text: 'look' },
    features: {
      'observation.state': { topic: '/joints' },
      top: { topic: '/camera' },
      side: { topic: '/png' },
    },
  }
  const frames = await framesOf(join(golden, 'json.mcap'), topics)
  expect(frames.map(({ values }) => values['observation.state'])).toEqual(
    [0, 1, 2].map((i) => [0.1 * i, 0.1 * i + 1, 0.1 * i + 2]),
  )
  const expected = JSON.parse(readFileSync(join(golden, 'expected.json'), 'utf8'))
  expect(await rgb(frames[0]!.values.top)).toEqual(expected[0].rgb8)
  expect(await rgb(frames[0]!.values.side)).toEqual(expected[0].bgr8)
})

test('a topic of recordings makes several episodes of a bag', async () => {
  const frames = await framesOf(join(golden, 'zstd.mcap'), { ...map, recording: '/recording' })
  expect(frames.map(({ episode, frame }) => `${episode}/${frame}`)).toEqual([
    '0/0',
    '0/1',
    '0/2',
    '1/0',
    '1/1',
    '1/2',
  ])
  expect(frames.map(({ values }) => (values.action as number[])[0])).toEqual([2, 3, 4, 6, 7, 8])
  expect(frames[3]!.values.task).toBe('grüß die Tasse') // 300 ms, before the second command
})

test('episodes come back from LeRobot by way of MCAP, and become shards', async () => {
  const from = join(home, 'lerobot')
  const named = { ...recordedFeatures, 'next.done': { dtype: 'bool', shape: [1] } } as const
  await recordEpisodes(from, [3, 2], (e, at) => ({ ...soundFrame(e, at), 'next.done': at === 2 }), named)
  const bags = join(home, 'bags')
  expect(await convertSource(lerobot(from), { form: 'mcap', directory: bags })).toMatchObject({
    samples: 5,
    episodes: 2,
  })
  const topics = checkedTopicMap(JSON.parse(readFileSync(join(bags, 'topics.json'), 'utf8')))
  const episodes = await bagEpisodes(join(bags, '*.mcap'), topics)
  const to = join(home, 'again')
  await convertSource(episodes, { form: 'lerobot', directory: to })
  const windows = { deltaTimestamps: { 'next.done': [0] } }
  const [before, after] = await Promise.all(
    [from, to].map(
      (directory): Promise<Sample[]> => Readable.from(lerobot(directory, windows).samples()).toArray(),
    ),
  )
  const content = (samples: Sample[] | undefined) =>
    samples!.map(({ id, captions, image, arrays = {} }) => ({
      id,
      captions,
      image: 'bytes' in image && Buffer.from(image.bytes).toString('base64'),
      values: Object.fromEntries(
        Object.entries(arrays).map(([name, { data }]) => [
          name,
          Array.from(data as ArrayLike<number>, Number),
        ]),
      ),
    }))
  expect(content(after)).toEqual(content(before))
  const shards = join(home, 'shards')
  await convertSource(episodes, { form: 'webdataset', directory: shards })
  const labels = { action: { kind: 'number', length: 2 } } as const
  const samples = await Readable.from(webdataset(join(shards, '*.tar'), { labels }).samples()).toArray()
  expect(samples.map(({ labels }) => labels?.action)).toEqual(
    before!.map(({ arrays }) => Array.from(arrays!.action!.data as Float32Array)),
  )
})

test('bags are written as the file that Python has read', async () => {
  const frames = await framesOf(join(golden, 'plain.mcap'), { ...map, fps: 5 })
  const directory = join(home, 'ours')
  const writer = new BagWriter(directory, {
    fps: 5,
    features: {
      'observation.state': { dtype: 'float32', shape: [3], names: ['Schulter', 'Ellbogen', 'Gelenk ü'] },
      action: { dtype: 'float32', shape: [2] },
      'observation.images.top': { dtype: 'image', shape: [6, 8, 3] },
    },
  })
  for (const { values } of frames) {
    const { task, compressed, action } = values
    const picture = { 'observation.images.top': compressed! }
    await writer.addFrame({
      task,
      action: action!,
      'observation.state': values['observation.state']!,
      ...picture,
    })
  }
  await writer.saveEpisode()
  expect(readdirSync(directory).sort()).toEqual(['episode_000000.mcap', 'topics.json'])
  const written = readFileSync(join(directory, 'episode_000000.mcap'))
  if (process.env.UPDATE_GOLDEN) writeFileSync(join(golden, 'ours.mcap'), written) // then run read.py
  expect(written.equals(readFileSync(join(golden, 'ours.mcap')))).toBe(true)
})

/** A bag of messages at times in milliseconds. */
async function bagOf(
  name: string,
  messages: readonly [ms: number, topic: string, type: RosType, data: Uint8Array][],
): Promise<string> {
  const parts: Uint8Array[] = []
  let length = 0
  const write = async (bytes: Uint8Array) => {
    parts.push(bytes.slice())
    length += bytes.length
  }
  const writer = new McapWriter({ writable: { position: () => BigInt(length), write } })
  await writer.start({ profile: 'ros2', library: 'test' })
  const channels = new Map<string, number>()
  for (const [ms, topic, type, data] of messages) {
    if (!channels.has(topic)) {
      const schemaId = await writer.registerSchema({
        name: type,
        encoding: 'ros2msg',
        data: Buffer.from(rosDefinitions[type]),
      })
      channels.set(
        topic,
        await writer.registerChannel({ schemaId, topic, messageEncoding: 'cdr', metadata: new Map() }),
      )
    }
    const time = BigInt(ms) * 1_000_000n
    await writer.addMessage({
      channelId: channels.get(topic)!,
      sequence: 0,
      logTime: time,
      publishTime: time,
      data,
    })
  }
  await writer.end()
  const file = join(home, `${name}.mcap`)
  writeFileSync(file, Buffer.concat(parts))
  return file
}

const arm = (
  ms: number,
  names = joints,
  positions = names.map((_, i) => i),
): [number, string, RosType, Uint8Array] => [
  ms,
  '/joint_states',
  'sensor_msgs/msg/JointState',
  jointState(BigInt(ms) * 1_000_000n, names, positions),
]
const armMap: TopicMap = { fps: 10, task: { text: 'go' }, features: { action: state } }

test.each([
  [
    'NaN',
    [arm(0), arm(100, joints, [0, Number.NaN, 2])],
    'data/mcap-message',
    /nan.mcap, topic \/joint_states at 0.100 s: "position" is NaN at 1 \(elbow\)/,
  ],
  [
    'missing joints',
    [arm(0), arm(100, ['shoulder', 'wrist'])],
    'data/mcap-message',
    /at 0.100 s: it lacks the joints elbow; it has shoulder, wrist/,
  ],
  [
    'a gap',
    [arm(0), arm(100), arm(700)],
    'data/mcap-gap',
    /topic \/joint_states at 0.100 s: it is silent for 0.300 s and longer, but 0.200 s are allowed/,
  ],
  [
    'numbers that do not fit',
    [arm(0), arm(100, joints, [1])],
    'data/mcap-message',
    /it names 3 joints, but "position" has 1 numbers/,
  ],
  [
    'bytes that are no such message',
    [arm(0), [100, '/joint_states', 'sensor_msgs/msg/JointState', stringMessage('a')]],
    'data/mcap-message',
    /at 0.100 s: the message is not as its schema "sensor_msgs\/msg\/JointState" says/,
  ],
] as const)('%s is an error that names file, topic and time', async (name, messages, code, message) => {
  const file = await bagOf(name === 'NaN' ? 'nan' : name.replaceAll(' ', '-'), messages as never)
  await expect(framesOf(file, armMap)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
  })
})

test('a topic that ends long before the others is a gap, one that ends a little before ends the episode', async () => {
  const other = (ms: number) => {
    const [, , type, data] = arm(ms)
    return [ms, '/other', type, data] as ReturnType<typeof arm>
  }
  const both = { ...armMap, features: { action: state, 'observation.state': { topic: '/other' } } }
  const short = await bagOf('short', [other(0), arm(0), arm(100), other(100), other(200)])
  expect(await framesOf(short, both)).toHaveLength(2)
  const long = await bagOf('long', [
    other(0),
    arm(0),
    arm(100),
    other(100),
    other(200),
    other(300),
    other(400),
  ])
  await expect(framesOf(long, both)).rejects.toMatchObject({
    code: 'data/mcap-gap',
    message: expect.stringContaining('long.mcap, topic /joint_states at 0.100 s'),
  })
  const late = await bagOf('late', [arm(0), arm(100), arm(200), other(150), arm(250)])
  const notes: string[] = []
  const episodes = await bagEpisodes(late, both)
  const frames = await Readable.from(episodes.frames((text) => notes.push(text))).toArray()
  expect(frames).toHaveLength(1)
  expect(notes[0]).toMatch(/late.mcap, episode 0: the first 0.150 s are left out, since topic \/other/)
})

test('files and maps that cannot be used are told', async () => {
  const refused = (file: string, topics: TopicMap) => bagEpisodes(file, topics)
  const zstd = join(golden, 'zstd.mcap')
  await expect(refused(zstd, { ...map, features: { action: { topic: '/comand' } } })).rejects.toMatchObject({
    code: 'data/mcap-topic',
    message: expect.stringMatching(/has no topic \/comand; there are \/bgr8, \/cmd_vel/),
  })
  await expect(
    refused(zstd, { ...map, features: { action: { topic: '/cmd_vel', field: 'linear.w' } } }),
  ).rejects.toMatchObject({
    code: 'data/mcap-message',
    message: expect.stringContaining('it has no "linear.w": there are x, y, z'),
  })
  await expect(refused(zstd, { ...map, fsp: 1 } as never)).rejects.toMatchObject({
    code: 'config/topic-map',
    message: expect.stringContaining('fsp'),
  })
  const short = join(home, 'short.mcap')
  writeFileSync(short, readFileSync(zstd))
  truncateSync(short, 9000)
  await expect(refused(short, map)).rejects.toMatchObject({
    code: 'data/mcap-file',
    message: expect.stringMatching(/short.mcap: .*mcap recover/),
  })
  const damaged = readFileSync(join(golden, 'plain.mcap'))
  damaged[9000]! ^= 1
  writeFileSync(short, damaged)
  await expect(framesOf(short, map)).rejects.toMatchObject({
    code: 'data/mcap-file',
    message: expect.stringContaining('a chunk cannot be read'),
  })
})
