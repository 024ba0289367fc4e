import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runScript } from '../support/run-script.ts'

/** Peak memory in MiB of a process of its own. */
async function peakMemory(mode: 'keep' | 'recompute'): Promise<number> {
  const script = join(import.meta.dirname, 'run-deep-stack.ts')
  return Number(await runScript(script, { args: [mode] }))
}

it('checkpoint() keeps the inner values of blocks out of memory', async () => {
  const [kept, recomputed] = [await peakMemory('keep'), await peakMemory('recompute')]
  // 12 blocks of 16 MiB are kept, or one.
  expect(kept - recomputed).toBeGreaterThan(100)
})
