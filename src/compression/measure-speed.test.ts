import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { calibrationBatch } from '../../test/support/calibration.ts'
import { tinyPolicy } from '../../test/support/tiny-bundle.ts'
import { writeBundle } from '../deploy/index.ts'
import { measureSpeed } from './measure-speed.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'speed-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('of a policy, whose bundle holds the graph of its frames too, is that of its model alone', async () => {
  const bundle = tinyPolicy()
  await writeBundle(folder, bundle)
  const samples = calibrationBatch(bundle, 0)
  const speeds = await measureSpeed({ before: folder, after: folder }, samples, { seed: 1, runs: 5 })
  expect(speeds.map(({ graph, batch, runs }) => [graph, batch, runs])).toEqual([
    ['model', 1, 5],
    ['model', 32, 5],
  ])
  for (const { latencySeconds } of speeds) expect(latencySeconds.after.value).toBeGreaterThan(0)
})
