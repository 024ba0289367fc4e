import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { builtCommand, staleBuild } from '../built-command.ts'
import { progress } from './progress.ts'

/**
 * Labelled scenes a second that `visuomotor data generate tabletop` makes with two threads, as data sets are: 64 × 64
 * pixels, smooth, at the table and on the floor; plain and randomized. From the start of the command to its end.
 */
export type GenerateMeasurement =
  | { readonly scenes: number; readonly scenesPerSecond: number; readonly randomizedScenesPerSecond: number }
  | { readonly skipped: string }

/** @param scenes Enough that both threads have several shards of 250. */
export async function measureGenerate(scenes: number): Promise<GenerateMeasurement> {
  const stale = staleBuild()
  if (stale) return stale
  const directory = mkdtempSync(join(tmpdir(), 'visuomotor-generate-'))
  try {
    const rate = async (name: string, ...flags: string[]) => {
      progress(`generate: ${scenes} scenes, ${name}`)
      return scenes / (await secondsToGenerate(scenes, join(directory, name), flags))
    }
    const scenesPerSecond = await rate('plain')
    return { scenes, scenesPerSecond, randomizedScenesPerSecond: await rate('randomized', '--randomize') }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function secondsToGenerate(scenes: number, out: string, flags: readonly string[]): Promise<number> {
  const options = ['--scenes', String(scenes), '--size', '64', '--workers', '2', '--seed', '1', '--out', out]
  const start = performance.now()
  const task = [builtCommand, 'data', 'generate', 'tabletop', ...options, ...flags]
  await promisify(execFile)(process.execPath, task)
  return (performance.now() - start) / 1000
}
