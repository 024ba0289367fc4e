import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import sharp from 'sharp'
import { afterAll, expect, test } from 'vitest'
import { readLerobot } from '../data/index.ts'
import { record } from './data-record.ts'

const home = mkdtempSync(join(tmpdir(), 'record-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const beginning = {
  fps: 10,
  features: {
    action: { dtype: 'float32', shape: [2] },
    'observation.images.top': { dtype: 'image', shape: [4, 6, 3] },
  },
}
const lines = (...content: unknown[]) => Readable.from(content.map((line) => `${JSON.stringify(line)}\n`))
const quiet = { note: () => {} }

test('records episodes that are saved, not those that are discarded or have no end', async () => {
  const png = await sharp({ create: { width: 6, height: 4, channels: 3, background: 'red' } })
    .png()
    .toBuffer()
  const frame = {
    task: 'grasp',
    action: [1, 2],
    'observation.images.top': { base64: png.toString('base64') },
  }
  const [save, discard] = [{ end: 'save' }, { end: 'discard' }]
  const directory = join(home, 'data')
  const told = await record(
    directory,
    lines(beginning, frame, frame, save, frame, discard, frame, save, frame),
    quiet,
  )
  expect(told).toEqual({ saved: 2, dropped: 1, episodes: 2 })
  expect(readLerobot(directory).episodes.map(({ length }) => length)).toEqual([2, 1])
})

test.each([
  [[{ fps: 0, features: {} }], 'data/malformed-row', /line 1 of standard input: fps/],
  [[beginning, { action: [1, 2] }], 'data/malformed-row', /line 2 of standard input: task/],
  [[beginning, { task: 'grasp', action: [1] }], 'data/recorded-frame', /"action" has 1 numbers/],
])('refuses %j by its line', async (content, code, message) => {
  const outcome = record(join(home, 'refused'), lines(...content), quiet)
  await expect(outcome).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
})
