import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { afterAll, expect, test } from 'vitest'
import { browser, headless, removeProfile } from '../../../test/support/browser.ts'
import type { Recording } from '../rollout/recording.ts'
import { playerScript } from './player-script.ts'
import { WatchServer } from './watch-server.ts'

const directory = mkdtempSync(join(tmpdir(), 'player-'))
afterAll(() => removeProfile(directory))

test('what the browser runs is a module without a slip of syntax', () => {
  const file = join(directory, 'player.mjs')
  writeFileSync(file, playerScript)
  expect(() => execFileSync(process.execPath, ['--check', file], { stdio: 'pipe' })).not.toThrow()
})

const upright = [1, 0, 0, 0, 1, 0, 0, 0, 1]

/** A red ball of 2 m, seen from 5 m before it, that stays where it is. */
const recording: Recording = {
  task: 'manipulation',
  episode: { split: 'heldOutScenes', text: 'lift the red ball' } as Recording['episode'],
  outcome: { success: true, measures: { distance: 0.008 } },
  seen: { width: 1, height: 1, data: Uint8Array.of(0, 0, 255) },
  scene: {
    objects: [
      {
        id: 1,
        shape: { kind: 'sphere', radius: 1 },
        position: [0, 0, 0],
        rotation: upright,
        material: { color: [1, 0, 0], roughness: 0.8, metalness: 0 },
      },
    ],
    lights: [],
    ambient: [1, 1, 1],
    background: [0, 0, 0],
    camera: {
      position: [0, -5, 0],
      rotation: [1, 0, 0, 0, 0, -1, 0, 1, 0], // looks along y, z is up
      verticalFov: 40,
      near: 0.1,
      far: 20,
      width: 4,
      height: 3,
    },
  },
  frames: [Float32Array.of(0, 0, 0, ...upright), Float32Array.of(0, 0, 0, ...upright)],
  framesPerSecond: 12,
}

/** Opens a page, waits while it plays, and gives what its console said and what it looks like. */
async function visit(program: string, url: string): Promise<{ said: string[]; picture: string }> {
  const picture = join(directory, 'page.png')
  const { stderr } = await promisify(execFile)(program, [
    ...headless,
    ...['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--enable-logging=stderr'],
    `--user-data-dir=${join(directory, 'profile')}`,
    ...[`--screenshot=${picture}`, '--window-size=1000,700', '--virtual-time-budget=6000'],
    url,
  ])
  return { said: stderr.split('\n').filter((line) => line.includes(':CONSOLE')), picture }
}

test.skipIf(browser === undefined)(
  'a browser draws the scene and complains of nothing (skipped where there is no chromium)',
  async () => {
    const server = await WatchServer.start()
    try {
      server.add(recording)
      const { said, picture } = await visit(browser!, server.url)
      // WebGL in software may speak of its speed; the page itself says nothing.
      expect(said.filter((line) => !line.includes('GPU stall'))).toEqual([])
      const stage = { left: 220, top: 220, width: 240, height: 240 } // within the canvas, beside list and words
      const { channels } = await sharp(await sharp(picture).extract(stage).toBuffer()).stats()
      const [red, green, blue] = channels.map(({ mean }) => mean) as [number, number, number]
      expect(red).toBeGreaterThan(60)
      expect(red).toBeGreaterThan(3 * Math.max(green, blue))
    } finally {
      await server.stop()
    }
  },
  60_000,
)
