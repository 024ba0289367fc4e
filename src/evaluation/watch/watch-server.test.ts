import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Recording } from '../rollout/recording.ts'
import { watchPage } from './watch-page.ts'
import { WatchServer } from './watch-server.ts'
import type { WatchedEpisode } from './watched-episode.ts'

const material = { color: [1, 0, 0], roughness: 0.5, metalness: 0 } as const
const recording = (text: string): Recording => ({
  task: 'manipulation',
  episode: { split: 'heldOutScenes', text } as Recording['episode'],
  outcome: { success: true, measures: { distance: 0.008 } },
  seen: { width: 1, height: 1, data: Uint8Array.of(255, 0, 0) },
  box: [0, 0, 0.5, 0.5],
  scene: {
    objects: [
      {
        id: 0,
        shape: { kind: 'sphere', radius: 1 },
        position: [0, 0, 0],
        rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1],
        material,
      },
    ],
    lights: [],
    ambient: [1, 1, 1],
    background: [0, 0, 0],
    camera: {
      position: [1, 2, 3],
      rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1],
      verticalFov: 40,
      near: 0.1,
      far: 9,
      width: 4,
      height: 3,
    },
  },
  frames: [Float32Array.from({ length: 12 }, (_, i) => i), new Float32Array(12)],
  framesPerSecond: 12,
})

let server: WatchServer
beforeAll(async () => {
  server = await WatchServer.start()
})
afterAll(() => server.stop())

const get = (path: string) => fetch(new URL(path, server.url))

test('the page and all that it loads come from the server itself', async () => {
  const script = await (await get('/player.js')).text()
  const imports = Array.from(script.matchAll(/from '(\/[^']+)'/g), ([, path]) => path!)
  const sources = Array.from(watchPage.matchAll(/"(\/[^"]+)"/g), ([, path]) => path!)
  expect(new Set([...imports, ...sources])).toEqual(
    new Set(['/player.js', '/three.module.js', '/OrbitControls.js']),
  )
  for (const path of ['/', ...imports, ...sources, '/three.core.js']) {
    expect([path, (await get(path)).status]).toEqual([path, 200])
  }
  expect(watchPage + script).not.toMatch(/https?:\/\//)
})

test('lists the episodes and gives one with its poses', async () => {
  expect(await (await get('/episodes')).json()).toEqual([])
  server.add(recording('lift the <red> ball'))
  const [line] = (await (await get('/episodes')).json()) as object[]
  expect(line).toMatchObject({
    number: 0,
    command: 'lift the <red> ball',
    success: true,
    verdict: 'manipulation ✓ hand 0.8 cm from the thing',
  })
  const episode = (await (await get('/episodes/0')).json()) as WatchedEpisode
  expect(episode).toMatchObject({ ...line, poseLength: 12, shapes: [{ kind: 'sphere', radius: 1 }] })
  const bytes = Uint8Array.from(Buffer.from(episode.frames, 'base64'))
  expect(Array.from(new Float32Array(bytes.buffer)).slice(0, 13)).toEqual([
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0,
  ])
  expect(episode.seen).toMatch(/^data:image\/png;base64,/)
})

test('counts what the table in the terminal counts, with all that moves nothing', async () => {
  const outcome = (success: boolean, measures: Record<string, number> = {}) => ({ success, measures })
  const tried = (i: number) => ({
    episode: { ...recording('').episode, objects: 4 },
    predictions: '',
    outcomes: { detection: outcome(i < 2, { overlap: 0.5 }), grasping: outcome(i === 0, { lifted: 1 }) },
  })
  const counting = await WatchServer.start(0, 8)
  for (let i = 0; i < 3; i++) counting.count(tried(i))
  counting.count({ ...recording('').episode, refusal: 'world/nothing-meant' })
  const figures = await (await fetch(new URL('/figures', counting.url))).json()
  await counting.stop()
  expect(figures).toEqual({
    episodes: 3,
    total: 8,
    rows: [
      ['Detection', 'Held-out scenes', '3', '66.7'],
      ['Grasping', 'Held-out scenes', '3', '33.3'],
    ],
  })
})

test('knows nothing else, and forgets the oldest', async () => {
  for (const path of ['/../package.json', '/episodes/9999', '/episodes/-1', '/constructor']) {
    expect([path, (await get(path)).status]).toEqual([path, 404])
  }
  for (let i = 0; i < 200; i++) server.add(recording(`go to ${i}`))
  const list = (await (await get('/episodes')).json()) as { number: number }[]
  expect([list.length, list[0]!.number]).toEqual([200, 1])
})

test('refuses a port that is taken, and names it', async () => {
  const port = Number(new URL(server.url).port)
  await expect(WatchServer.start(port)).rejects.toMatchObject({ code: 'config/port', facts: { port } })
})
