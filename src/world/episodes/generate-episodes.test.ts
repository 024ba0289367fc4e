import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lerobot } from '../../data/index.ts'
import type { EpisodesDescription } from './description.ts'
import { EpisodeMaker } from './episode-maker.ts'
import { episodeFeatures, generateEpisodes } from './generate-episodes.ts'
import { episodeDefaults, episodesOf } from './options.ts'

const home = mkdtempSync(join(tmpdir(), 'episodes-'))
afterAll(() => rmSync(home, { recursive: true }))
const directory = join(home, 'episodes')
const options = { ...episodeDefaults, episodes: 5, seed: 2, size: 16 }

let made: EpisodesDescription | undefined
beforeAll(async () => {
  const stop = new AbortController()
  let count = 0
  const onScene = () => {
    count += 1
    if (count === 2) stop.abort()
  }
  expect(
    await generateEpisodes(directory, options, { workers: 1, onScene, signal: stop.signal }),
  ).toBeUndefined()
  const there: number[] = []
  made = await generateEpisodes(directory, options, { workers: 2, onStart: (found) => there.push(found) })
  expect(there).toEqual([2])
}, 120_000)

test('makes an episode of each split, and goes on where it was stopped', () => {
  expect(episodesOf(options)).toEqual({
    train: 1,
    validation: 1,
    heldOutScenes: 1,
    heldOutPhrasings: 1,
    heldOutPairs: 1,
  })
  for (const { episodes, frames } of Object.values(made!.splits)) {
    expect(episodes).toBe(1)
    expect(frames).toBeGreaterThan(30)
  }
})

test('the episodes are LeRobot’s: two cameras, state, chunks of actions and the box of what is commanded', async () => {
  const { head, wrist, box, state, action } = episodeFeatures
  const source = lerobot(join(directory, 'train'), { chunk: 4, deltaTimestamps: { [box]: [0] } })
  expect(source.cameras).toEqual([head, wrist])
  expect(source.arrays).toMatchObject({
    [state]: { shape: [8] },
    [action]: { shape: [4, 8] },
    [box]: { shape: [1, 4] },
  })
  for await (const sample of source.samples()) {
    expect(sample.captions[0]).toMatch(/the \w+/)
    const [left, top, right, bottom] = sample.arrays![box]!.data as unknown as number[]
    expect(left! < right! && top! < bottom!).toBe(true)
    break
  }
})

test('held-out phrasings are the held-out scenes in other words', async () => {
  const [scenes, words] = await Promise.all(
    ['heldOutScenes', 'heldOutPhrasings'].map(async (split) => {
      for await (const { captions, arrays } of lerobot(join(directory, split)).samples()) {
        return { text: captions[0], state: arrays!['observation.state']!.data }
      }
      throw new Error('no sample')
    }),
  )
  expect(scenes!.state).toEqual(words!.state)
  expect(scenes!.text).not.toBe(words!.text)
})

test('all of them may be second tries, which begin with the hand closed', async () => {
  const maker = await EpisodeMaker.open({ ...options, secondTries: 1 })
  try {
    expect(maker.make('train', 0).frames[0]!.state.at(-1)).toBeLessThan(0.05)
  } finally {
    maker.dispose()
  }
})

test("without the wrist's pictures, the rest is the same", async () => {
  const [both, one] = await Promise.all(
    [true, false].map(async (wrist) => {
      const maker = await EpisodeMaker.open({ ...options, wrist })
      try {
        return maker.make('train', 0)
      } finally {
        maker.dispose()
      }
    }),
  )
  expect(both!.frames[0]!.wrist).toHaveLength(3 * 16 * 16)
  expect(one!.frames).toEqual(both!.frames.map((frame) => ({ ...frame, wrist: undefined })))
})

test('state and action may be poses of the hand', async () => {
  const maker = await EpisodeMaker.open({ ...options, actionSpace: 'ee', wrist: false })
  try {
    const pose = ['ee.x', 'ee.y', 'ee.z', 'ee.wx', 'ee.wy', 'ee.wz', 'gripper']
    expect(maker.numbers).toEqual({ state: pose, action: pose })
    const { state, action } = maker.make('train', 0).frames[0]!
    expect([state, action].map((numbers) => numbers.length)).toEqual([7, 7])
  } finally {
    maker.dispose()
  }
})

test('refuses other options, fewer episodes and tasks that nobody shows', async () => {
  const attempt = (change: object) => generateEpisodes(directory, { ...options, ...change })
  await expect(attempt({ seed: 3 })).rejects.toThrow(/other options \(seed\)/)
  await expect(attempt({ episodes: 4 })).rejects.toThrow(/other options \(episodes\)/)
  await expect(attempt({ tasks: ['point'] })).rejects.toThrow(/nobody demonstrates 'point'/)
  await expect(attempt({ size: 8 })).rejects.toThrow(expect.objectContaining({ code: 'config/dataset' }))
})
