import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasFfmpeg } from '../../../test/support/has-ffmpeg.ts'
import { horizontalFlip } from '../augment/index.ts'
import { encodedPicture } from '../images/index.ts'
import { loader } from '../loader.ts'
import type { EncodedImage, Sample } from '../sample.ts'
import type { Source } from '../source.ts'
import { mix } from '../sources/composition/mix.ts'
import { shareOf } from '../sources/composition/share.ts'
import { lerobot } from './source.ts'

const golden = join(import.meta.dirname, '../../../test/golden/lerobot')
const expected = JSON.parse(readFileSync(join(golden, 'expected.json'), 'utf8'))
const [top, still] = ['observation.images.top', 'observation.images.still'] as const
const set = (version: string): string => join(golden, version)
const work = mkdtempSync(join(tmpdir(), 'lerobot-'))
const deltaTimestamps = {
  'observation.state': [-0.2, -0.1, 0],
  action: [0, 0.1, 0.2, 0.3],
  'next.done': [0.1],
}

beforeAll(() => {
  process.env.VISUOMOTOR_FRAME_CACHE = join(work, 'frames')
})
afterAll(() => {
  delete process.env.VISUOMOTOR_FRAME_CACHE
  rmSync(work, { recursive: true })
})

const all = (source: Source, skip = 0): Promise<Sample[]> => Readable.from(source.samples({ skip })).toArray()
const idsOf = async (source: Source, skip = 0) => (await all(source, skip)).map(({ id }) => id)

/** A test of data with videos. */
const itWithVideos = it.skipIf(!hasFfmpeg)

/** Rows of RGB of a picture. */
async function pixelsOf(image: EncodedImage): Promise<Uint8Array> {
  return sharp(await encodedPicture(image))
    .removeAlpha()
    .raw()
    .toBuffer()
}

/** Largest and mean difference of the frames of a set from those that LeRobot's reader gave. */
async function differences(samples: readonly Sample[], strip: string) {
  const frames = await pixelsOf({ file: join(golden, strip) })
  let [most, sum] = [0, 0]
  for (const [place, { image }] of samples.entries()) {
    const pixels = await pixelsOf(image)
    const own = frames.subarray(place * pixels.length, (place + 1) * pixels.length)
    for (const [i, value] of pixels.entries()) {
      const difference = Math.abs(value - own[i]!)
      most = Math.max(most, difference)
      sum += difference
    }
  }
  return { most, mean: sum / frames.length }
}

const valuesOf = ({ arrays = {} }: Sample, key: string): number[] =>
  Array.from(arrays[key]!.data as Iterable<number>, Number)

/** Golden values of a sample as one list of numbers. */
const told = (place: number, key: string): number[] =>
  [expected.items[place][key]].flat(Number.POSITIVE_INFINITY).map(Number)

/** A copy of the data of version 2.1 in which one file is another one. */
function changed(name: string, file: string, content: string | { readonly file: string }): string {
  const directory = join(work, name)
  cpSync(set('v2.1'), directory, { recursive: true })
  const bytes = typeof content === 'string' ? content : readFileSync(join(golden, content.file))
  mkdirSync(dirname(join(directory, file)), { recursive: true })
  writeFileSync(join(directory, file), bytes)
  return directory
}

describe('lerobot', () => {
  it('gives the windows, pads, tasks and pictures that LeRobot gives', async () => {
    const samples = await all(lerobot(set('v3.0'), { deltaTimestamps, cameras: [still] }))
    expect(samples).toHaveLength(expected.items.length)
    const keys = Object.keys(deltaTimestamps).flatMap((key) => [key, `${key}_is_pad`])
    for (const [place, sample] of samples.entries()) {
      const item = expected.items[place]
      for (const key of keys) expect([key, valuesOf(sample, key)]).toEqual([key, told(place, key)])
      expect(sample.captions).toEqual([item.task])
      expect(sample.id).toBe(`${item.episode_index}/${item.frame_index}`)
      const shown = await pixelsOf(sample.image)
      expect(Array.from(shown.subarray(0, 48))).toEqual(item.still)
    }
  })

  it.skipIf(hasFfmpeg)('with videos says that it needs ffmpeg', () => {
    expect(() => lerobot(set('v3.0'))).toThrow(expect.objectContaining({ code: 'data/video-decoder' }))
  })

  itWithVideos(
    'gives the frames of videos that LeRobot gives, and its other cameras beside them',
    async () => {
      const samples = await all(lerobot(set('v3.0')))
      expect((await differences(samples, 'v3.0.png')).most).toBeLessThanOrEqual(3)
      for (const [place, { views }] of samples.entries())
        expect(Array.from((await pixelsOf(views![still]!)).subarray(0, 48))).toEqual(
          expected.items[place].still,
        )
    },
  )

  it('brings chunks of actions and steps of states by their counts', async () => {
    const source = lerobot(set('v3.0'), { chunk: 4, observationSteps: 3, cameras: [still] })
    expect(source).toMatchObject({ size: 15, cameras: [still] })
    expect(source.arrays).toMatchObject({
      action: { dtype: 'float32', shape: [4, 2], names: ['x', 'y'] },
      action_is_pad: { dtype: 'bool', shape: [4] },
      'observation.state': { shape: [3, 3] },
      'observation.state_is_pad': { shape: [3] },
    })
    const [, , , , sample] = await all(source)
    for (const key of ['action', 'action_is_pad', 'observation.state', 'observation.state_is_pad'])
      expect(valuesOf(sample!, key)).toEqual(told(4, key))
    const [single] = await all(lerobot(set('v3.0'), { cameras: [still] }))
    expect(single!.arrays!['observation.state']!.shape).toEqual([3])
    expect(single!.views).toBeUndefined()
  })

  itWithVideos('has the statistics of stats.json, and those of version 2.1 joined from its episodes', () => {
    const flat = (statistics: Source['statistics']) =>
      (statistics ?? {}) as unknown as Record<string, Record<string, number[]>>
    for (const [key, own] of Object.entries(flat(lerobot(set('v3.0')).statistics)))
      for (const [name, values] of Object.entries(own)) expect(values).toEqual(expected.statistics[key][name])
    const joined = flat(lerobot(set('v2.1')).statistics)
    expect(Object.keys(joined).sort()).toEqual(Object.keys(expected.joined).sort())
    for (const [key, own] of Object.entries(joined))
      for (const [name, values] of Object.entries(own))
        for (const [i, value] of values.entries()) expect(value).toBeCloseTo(expected.joined[key][name][i], 6)
  })

  itWithVideos('reads version 2.1', async () => {
    const source = lerobot(set('v2.1'), { deltaTimestamps })
    const samples = await all(source)
    for (const [place, sample] of samples.entries())
      expect(valuesOf(sample, 'action')).toEqual(told(place, 'action'))
    expect(samples.map(({ captions }) => captions[0])).toEqual(
      expected.items.map(({ task }: { task: string }) => task),
    )
    expect((await differences(samples, 'v3.0.png')).mean).toBeLessThan(12) // another encoder, the same pictures
  })

  it('begins at any frame, and shares its frames out', async () => {
    const source = lerobot(set('v3.0'), { cameras: [still] })
    const ids = await idsOf(source)
    for (const skip of [3, 6, 8]) expect(await idsOf(source, skip)).toEqual(ids.slice(skip))
    expect((await all(source, 8))[0]).toEqual((await all(source))[8])
    const parts = [0, 1].map((rank) => shareOf(source, { rank, size: 2 }))
    expect(parts.map(({ size }) => size)).toEqual([7, 8])
    expect((await Promise.all(parts.map((part) => idsOf(part)))).flat()).toEqual(ids)
  })

  it('leaves out the last frames of each episode as samples, not in the windows of earlier ones', async () => {
    const options = { chunk: 4, cameras: [still] } as const
    const whole = await all(lerobot(set('v3.0'), options))
    const last = new Map(whole.map(({ id }) => [id.split('/')[0], Number(id.split('/')[1])]))
    const source = lerobot(set('v3.0'), { ...options, dropLastFrames: 2 })
    const kept = whole.filter(({ id }) => Number(id.split('/')[1]) <= last.get(id.split('/')[0])! - 2)
    expect(kept.length).toBe(15 - 3 * 2)
    expect(source.size).toBe(kept.length)
    expect(await all(source)).toEqual(kept)
    expect(await idsOf(source, 4)).toEqual(kept.slice(4).map(({ id }) => id))
    const parts = [0, 1].map((rank) => shareOf(source, { rank, size: 2 }))
    expect((await Promise.all(parts.map((part) => idsOf(part)))).flat()).toEqual(kept.map(({ id }) => id))
    const shortest = Math.min(...last.values()) + 1
    const none = lerobot(set('v3.0'), { ...options, dropLastFrames: shortest })
    expect(none.notes).toContainEqual(
      expect.stringMatching(
        new RegExp(`\\d of 3 episodes have no samples, since their last ${shortest} frames`),
      ),
    )
    expect(source.notes?.join() ?? '').not.toMatch(/have no samples/)
    const longest = Math.max(...last.values()) + 1
    expect(lerobot(set('v3.0'), { ...options, dropLastFrames: longest - 1 }).size).toBeGreaterThan(0)
    expect(() => lerobot(set('v3.0'), { ...options, dropLastFrames: longest })).toThrow(
      new RegExp(`the longest episode has ${longest} frames, so no sample is left`),
    )
    for (const wrong of [-2, 0.5])
      expect(() => lerobot(set('v3.0'), { dropLastFrames: wrong })).toThrow(
        /must be a whole number, 0 or more/,
      )
  })

  it('takes episodes by range, list and split', async () => {
    const episodesOf = async (episodes: string | readonly number[]) => [
      ...new Set(
        (await idsOf(lerobot(set('v3.0'), { cameras: [still], episodes }))).map((id) => id.split('/')[0]),
      ),
    ]
    expect(await episodesOf('0:2')).toEqual(['0', '1'])
    expect(await episodesOf('-1:')).toEqual(['2'])
    expect(await episodesOf([2, 0])).toEqual(['2', '0'])
    expect(await episodesOf('train')).toEqual(['0', '1', '2'])
    for (const wrong of ['0:4', 'validation', '2:2', [3], [1, 1]])
      expect(() => lerobot(set('v3.0'), { episodes: wrong })).toThrow(/the data has 3 episodes/)
  })
})

describe('a loader of several cameras', () => {
  const options = { seed: 1, batchSize: 2, resolution: 16, mode: 'evaluate', workers: 0 } as const

  itWithVideos('stacks the pictures in the order of cameras', async () => {
    const batchOf = async (cameras: readonly string[]) => {
      for await (const { arrays } of loader({ ...options, source: lerobot(set('v3.0'), { cameras }) }))
        return arrays.pixelValues!
      throw new Error('no batch')
    }
    const both = await batchOf([top, still])
    const [first, second] = [await batchOf([top]), await batchOf([still])]
    expect(both.shape).toEqual([2, 2, 3, 16, 16])
    expect(first.shape).toEqual([2, 3, 16, 16])
    const size = 3 * 16 * 16
    const part = (place: number) =>
      Array.from(both.data.slice(place * size, (place + 1) * size) as Float32Array)
    expect([...part(0), ...part(2)]).toEqual(Array.from(first.data as Float32Array))
    expect([...part(1), ...part(3)]).toEqual(Array.from(second.data as Float32Array))
  })

  itWithVideos('refuses what does not fit: mirrored pictures, mixing, further eyes', () => {
    const source = lerobot(set('v3.0'))
    const flip = { ...options, mode: 'train', source, augment: [horizontalFlip()] } as const
    expect(() => loader(flip)).toThrow(/of the robot stays as it is/)
    const eye = { resolution: 8, mean: [0, 0, 0], std: [1, 1, 1] } as const
    expect(() => loader({ ...options, source, images: { 'far.pixelValues': eye } })).toThrow(
      /sees one picture/,
    )
  })
})

describe('a mixture', () => {
  itWithVideos('joins data whose features are mapped by name, and lists both sides where they differ', () => {
    const part = (version: string, options: object) => ({ data: lerobot(set(version), options), weight: 1 })
    const same = mix({ a: part('v3.0', { cameras: [top] }), b: part('v2.1', {}) })
    expect(same.cameras).toEqual([top])
    expect(same.statistics!.action!.mean).toHaveLength(2)
    const renamed = { features: { act: 'action' } }
    expect(() => mix({ a: part('v3.0', { cameras: [top] }), b: part('v2.1', renamed) })).toThrow(
      /"action" is not in both a and b\. a has .*action float32 \[1,2\] \(x, y\).*; b has /,
    )
    expect(() => mix({ a: part('v3.0', {}), b: part('v2.1', {}) })).toThrow(
      /a has .*top, .*still, and b has .*top/,
    )
  })
})

describe('data that cannot be used says why', () => {
  const episode = 'data/chunk-000/episode_000000.parquet'
  const info = (change: object) =>
    JSON.stringify({ ...JSON.parse(readFileSync(join(set('v2.1'), 'meta/info.json'), 'utf8')), ...change })

  itWithVideos('in another version, without a video, with features that are not there', () => {
    expect(() => lerobot(changed('old', 'meta/info.json', info({ codebase_version: 'v1.6' })))).toThrow(
      expect.objectContaining({ code: 'data/lerobot-version' }),
    )
    const first = changed('first', 'meta_data/info.json', '{}')
    rmSync(join(first, 'meta'), { recursive: true })
    expect(() => lerobot(first)).toThrow(/is of version 1;/)
    const without = changed('without', 'meta/info.json', info({}))
    rmSync(join(without, `videos/chunk-000/${top}/episode_000001.mp4`))
    expect(() => lerobot(without)).toThrow(/episode_000001\.mp4: episode 1 lacks this file.*images\.top/)
    expect(() => lerobot(without, { episodes: [0, 2] })).not.toThrow()
    expect(() => lerobot(set('v3.0'), { cameras: ['top'] })).toThrow(/no camera "top"/)
    expect(() => lerobot(set('v3.0'), { deltaTimestamps: { action: [0.05] } })).toThrow(
      /no multiple of 1\/10/,
    )
  })

  itWithVideos('for an action that is not a number: in every window that holds it', async () => {
    const source = lerobot(changed('nan', episode, { file: 'nan.parquet' }), { chunk: 2 })
    const found: string[] = []
    const onBad = ({ facts }: { facts: Readonly<Record<string, unknown>> }) =>
      void found.push(`${facts.episode}/${facts.frame} ${facts.key}`)
    for await (const { id } of source.samples({ onBad })) found.push(id)
    expect(found.slice(0, 6)).toEqual(['0/0', '0/1', '0/3 action', '0/3 action', '0/4', '0/5'])
    await expect(all(source)).rejects.toThrow(
      /episode 0, frame 3, "action": it holds a value that is not finite/,
    )
  })

  itWithVideos('for times that do not fit the rate', async () => {
    const source = lerobot(changed('late', episode, { file: 'late.parquet' }))
    await expect(all(source)).rejects.toThrow(
      /episode 0, frame 4, "timestamp": it is 0\.4300 s, 0\.1300 s after/,
    )
  })
})
