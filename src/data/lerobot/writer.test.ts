import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasFfmpeg } from '../../../test/support/has-ffmpeg.ts'
import {
  noise,
  recordEpisodes,
  recordedFeatures,
  soundFrame,
} from '../../../test/support/recorded-episodes.ts'
import { encodedPicture } from '../images/index.ts'
import type { Sample } from '../sample.ts'
import { readFooter } from '../sources/parquet/footer.ts'
import { readLerobot } from './dataset.ts'
import type { RecordedFrame } from './episode-buffer.ts'
import { lerobot } from './source.ts'
import { LeRobotWriter } from './writer.ts'

const home = mkdtempSync(join(tmpdir(), 'lerobot-writer-'))
beforeAll(() => {
  process.env.VISUOMOTOR_FRAME_CACHE = join(home, 'frames')
})
afterAll(() => {
  delete process.env.VISUOMOTOR_FRAME_CACHE
  rmSync(home, { recursive: true, force: true })
})

const place = (name: string) => join(home, name)
const samplesOf = (directory: string): Promise<Sample[]> =>
  Readable.from(lerobot(directory, { chunk: 1 }).samples()).toArray()
const pixelsOf = async ({ image }: Sample) =>
  sharp(await encodedPicture(image))
    .removeAlpha()
    .raw()
    .toBuffer()
const infoOf = (directory: string) => JSON.parse(readFileSync(join(directory, 'meta/info.json'), 'utf8'))
const dataFile = 'data/chunk-000/file-000.parquet'

/** Check that a directory holds sound episodes of these lengths, value by value. */
async function expectEpisodes(directory: string, lengths: readonly number[]): Promise<void> {
  const samples = await samplesOf(directory)
  const expected = lengths.flatMap((length, episode) =>
    Array.from({ length }, (_, frame) => [episode, frame] as const),
  )
  expect(samples.map(({ id }) => id)).toEqual(expected.map((pair) => pair.join('/')))
  for (const [i, [episode, frame]] of expected.entries()) {
    const { task, ...told } = soundFrame(episode, frame)
    const { captions, arrays } = samples[i]!
    expect(captions).toEqual([task])
    for (const name of ['observation.state', 'action'])
      expect(Array.from(arrays![name]!.data as Float32Array)).toEqual(
        (told[name] as number[]).map(Math.fround),
      )
    expect(await pixelsOf(samples[i]!)).toEqual(
      Buffer.from((told['observation.images.top'] as { data: Uint8Array }).data),
    )
  }
}

describe('LeRobotWriter', () => {
  test('records what is read again, episode by episode, and goes on with what is there', async () => {
    const directory = place('grown')
    await recordEpisodes(directory, [4, 3])
    expect(readFooter(join(directory, dataFile)).row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([
      4, 3,
    ])
    await recordEpisodes(directory, [2])
    await expectEpisodes(directory, [4, 3, 2])
    expect(infoOf(directory)).toMatchObject({
      total_episodes: 3,
      total_frames: 9,
      total_tasks: 2,
      splits: { train: '0:3' },
    })
    const { 'observation.state': state, index } = JSON.parse(
      readFileSync(join(directory, 'meta/stats.json'), 'utf8'),
    )
    expect([state.count, index.count, index.max]).toEqual([[9], [9], [8]])
    await expect(LeRobotWriter.open(directory, { fps: 20, features: recordedFeatures })).rejects.toThrow(
      '10 frames a second, not 20',
    )
    const { action, ...others } = recordedFeatures
    await expect(LeRobotWriter.open(directory, { fps: 10, features: others })).rejects.toMatchObject({
      code: 'config/recording',
    })
  })

  test('begins another file at the limit of the size', async () => {
    const directory = place('limited')
    await recordEpisodes(directory, [3])
    const info = { ...infoOf(directory), data_files_size_in_mb: 0.004, chunks_size: 2 }
    writeFileSync(join(directory, 'meta/info.json'), JSON.stringify(info))
    await recordEpisodes(directory, [3, 3, 3])
    expect(readdirSync(join(directory, 'data'))).toEqual(['chunk-000', 'chunk-001'])
    await expectEpisodes(directory, [3, 3, 3, 3])
  })

  test.each([
    [{ action: [0] }, /frame 1 of episode 0 .*"action" has 1 numbers; its shape is \[2\]/],
    [{ action: [0, Number.NaN] }, /"action" is NaN at 1/],
    [{ actions: [0, 0] }, /no feature "actions".*action/],
    [{ 'observation.images.top': noise(0, 4, 4) }, /is 4 × 4 \(height × width\); its shape is \[8,12,3\]/],
    [
      { 'observation.images.top': { bytes: new Uint8Array(9) } },
      /"observation.images.top" cannot be decoded/,
    ],
  ])('refuses a frame with %j by name, and goes on', async (wrong, message) => {
    const directory = place(`refused ${message.source.length}`)
    const writer = await LeRobotWriter.open(directory, { fps: 10, features: recordedFeatures })
    await writer.addFrame(soundFrame(0, 0))
    await expect(writer.addFrame({ ...soundFrame(0, 1), ...wrong } as RecordedFrame)).rejects.toThrow(message)
    await writer.addFrame(soundFrame(0, 1))
    await writer.saveEpisode()
    await expectEpisodes(directory, [2])
    await expect(writer.saveEpisode()).rejects.toMatchObject({ code: 'data/recorded-frame' })
  })

  test('cuts off data without an episode, and counts an episode without its info', async () => {
    const directory = place('ended')
    await recordEpisodes(directory, [4])
    const before = place('before')
    cpSync(directory, before, { recursive: true })
    rmSync(join(directory, 'meta'), { recursive: true })
    cpSync(join(before, 'meta'), join(directory, 'meta'), { recursive: true })
    const writer = await LeRobotWriter.open(directory, { fps: 10, features: recordedFeatures })
    await writer.addFrame(soundFrame(1, 0))
    await writer.saveEpisode()
    const whole = place('whole')
    cpSync(directory, whole, { recursive: true })
    // Ended before the row of the second episode was written: its data is there.
    cpSync(join(before, 'meta'), join(directory, 'meta'), { recursive: true })
    rmSync(join(directory, 'meta/episodes/chunk-000/file-001.parquet'))
    await expectEpisodes(directory, [4])
    await recordEpisodes(directory, [3])
    await expectEpisodes(directory, [4, 3])
    // Ended before info.json was written.
    cpSync(join(before, 'meta/info.json'), join(whole, 'meta/info.json'))
    await expectEpisodes(whole, [4])
    await recordEpisodes(whole, [])
    expect(infoOf(whole).total_episodes).toBe(2)
  })

  test('loses the episode under way and nothing else when it is killed', async () => {
    const directory = place('killed')
    const script = place('record.ts')
    const support = JSON.stringify(join(import.meta.dirname, '../../../test/support/recorded-episodes.ts'))
    writeFileSync(
      script,
      `import { recordEpisodes } from ${support}
for (;;) { await recordEpisodes(${JSON.stringify(directory)}, [3]); console.log('saved') }`,
    )
    writeFileSync(place('package.json'), '{"type":"module"}')
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx/esm'), script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let saved = 0
    for await (const line of createInterface({ input: child.stdout })) {
      if (line === 'saved') saved += 1
      if (saved === 3) child.kill('SIGKILL')
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    expect(child.signalCode).toBe('SIGKILL')
    const { length } = readLerobot(directory).episodes
    expect(length).toBeGreaterThanOrEqual(3)
    await expectEpisodes(directory, Array(length).fill(3))
    await recordEpisodes(directory, [2])
    const after = readLerobot(directory).episodes.map((episode) => episode.length)
    expect(after.length).toBeGreaterThan(length)
    expect(after.at(-1)).toBe(2)
    const left = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    expect(left.filter((name) => name.endsWith('.tmp') || name.includes('.recording-'))).toEqual([])
  })

  test.skipIf(!hasFfmpeg)('joins the videos of episodes in one file, each frame at its time', async () => {
    const directory = place('videos')
    const features = { 'observation.images.top': { dtype: 'video', shape: [64, 64, 3] } } as const
    const grey = (level: number) => ({ width: 64, height: 64, data: new Uint8Array(3 * 64 * 64).fill(level) })
    const level = (episode: number, frame: number) => 20 + 100 * episode + 12 * frame
    await recordEpisodes(
      directory,
      [5, 4],
      (episode, frame) => ({ task: 'look', 'observation.images.top': grey(level(episode, frame)) }),
      features,
    )
    expect(existsSync(join(directory, 'videos/observation.images.top/chunk-000/file-001.mp4'))).toBe(false)
    expect(infoOf(directory).features['observation.images.top'].info).toMatchObject({
      'video.codec': 'h264',
      'video.fps': 10,
    })
    for (const sample of await samplesOf(directory)) {
      const [episode = 0, frame = 0] = sample.id.split('/').map(Number)
      const pixels = await pixelsOf(sample)
      expect(Math.abs(pixels[0]! - level(episode, frame)), sample.id).toBeLessThan(5)
    }
  })
})
