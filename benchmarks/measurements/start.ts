import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { z } from 'zod'
import { builtCommand, staleBuild } from '../built-command.ts'
import { Child } from '../child.ts'
import { nodeLaunch } from '../contestants.ts'
import { progress } from './progress.ts'

/** How long it takes until training goes. */
export interface StartMeasurement {
  /** From the start of `visuomotor train emoji` to the end of its first step: vocabulary, weights, programs. */
  readonly mainJob: { readonly firstStepMilliseconds: number } | { readonly skipped: string }
  /** Towers of so many layers: their graph built, and loaded as a session. */
  readonly depths: readonly DepthMeasurement[]
}

const depth = z.object({
  layers: z.number(),
  nodes: z.number(),
  buildMilliseconds: z.number(),
  sessionMilliseconds: z.number(),
})
export type DepthMeasurement = z.infer<typeof depth>

export async function measureStart(layers: readonly number[]): Promise<StartMeasurement> {
  progress('start: the main job')
  const mainJob = staleBuild() ?? { firstStepMilliseconds: await firstStepOfMainJob() }
  progress(`start: towers of ${layers} layers`)
  const child = new Child(nodeLaunch('contestants/depth.ts', { layers }))
  const { depths } = await child.reply(z.object({ depths: z.array(depth) }))
  await child.end()
  return { mainJob, depths }
}

/** Milliseconds until the first line of metrics is there, which is written after the first step. */
async function firstStepOfMainJob(): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'visuomotor-start-'))
  const metrics = join(directory, 'run/metrics.jsonl')
  const start = performance.now()
  const args = [builtCommand, 'train', 'emoji', '--out', join(directory, 'run'), '--set', 'log.everySteps=1']
  const job = spawn(process.execPath, args, { stdio: 'ignore' })
  const ended = new Promise((resolve) => job.on('close', resolve))
  try {
    while (!existsSync(metrics) || statSync(metrics).size === 0) {
      if (job.exitCode !== null) throw new Error(`visuomotor train emoji ended with code ${job.exitCode}`)
      await setTimeout(5)
    }
    return performance.now() - start
  } finally {
    job.kill('SIGKILL')
    await ended
    rmSync(directory, { recursive: true, force: true })
  }
}

/**
 * By which power of the depth the time grows, from the middle of the depths to the deepest: 1 is linear.
 */
export function growth(depths: readonly DepthMeasurement[]): number {
  const deepest = depths.at(-1)!
  const middle = depths[Math.floor((depths.length - 1) / 2)]!
  const time = ({ buildMilliseconds, sessionMilliseconds }: DepthMeasurement) =>
    buildMilliseconds + sessionMilliseconds
  return Math.log(time(deepest) / time(middle)) / Math.log(deepest.layers / middle.layers)
}
