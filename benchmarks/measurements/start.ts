import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { z } from 'zod'
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

const root = join(import.meta.dirname, '../..')
const command = join(root, 'dist/cli/main.js')

export async function measureStart(layers: readonly number[]): Promise<StartMeasurement> {
  progress('start: the main job')
  const mainJob = staleBuild() ?? { firstStepMilliseconds: await firstStepOfMainJob() }
  progress(`start: towers of ${layers} layers`)
  const child = new Child(nodeLaunch('contestants/depth.ts', { layers }))
  const { depths } = await child.reply(z.object({ depths: z.array(depth) }))
  await child.end()
  return { mainJob, depths }
}

/** Compiled code is what users start; TypeScript sources take longer. */
function staleBuild(): { skipped: string } | undefined {
  if (!existsSync(command)) return { skipped: 'dist is missing; npm run build' }
  const built = statSync(command).mtimeMs
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  const isNewer = (file: string) => statSync(join(root, 'src', file)).mtimeMs > built
  const newer = sources.find((file) => /(?<!\.test)\.ts$/.test(file) && isNewer(file))
  return newer === undefined ? undefined : { skipped: `dist is older than src/${newer}; npm run build` }
}

/** Milliseconds until the first line of metrics is there, which is written after the first step. */
async function firstStepOfMainJob(): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'visuomotor-start-'))
  const metrics = join(directory, 'run/metrics.jsonl')
  const start = performance.now()
  const args = [command, 'train', 'emoji', '--out', join(directory, 'run'), '--set', 'logEverySteps=1']
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
