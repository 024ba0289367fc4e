import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DeviceName } from '../../src/engine/index.ts'
import { alone } from '../../src/training/index.ts'
import { syntheticBatch, syntheticTrainer } from '../training/synthetic-run.ts'

/** The gradients of a small CLIP in float16, by name, times a loss scale of 1024. */
export async function halfGradients(device: DeviceName): Promise<Record<string, number[]>> {
  const run = mkdtempSync(join(tmpdir(), 'visuomotor-'))
  const { task, state } = await syntheticTrainer({ run, device, precision: 'float16' })
  const request = { sampleLosses: false, lossScale: 1024 }
  await task.computeGradients([syntheticBatch(8, 0)], state, alone, request)
  return Object.fromEntries([...(await state.gradients.read())].map(([name, { data }]) => [name, [...data]]))
}
