import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runScript } from '../support/run-script.ts'

interface Step {
  /** MiB */
  readonly peak: number
  readonly loss: number
  /** Hash of all gradients. */
  readonly gradients: string
}

/** In a process of its own, whose memory nothing else has used. */
async function step(mode: 'keep' | 'recompute'): Promise<Step> {
  const script = join(import.meta.dirname, 'step-of-deep-clip.ts')
  return JSON.parse(await runScript(script, { args: [mode] }))
}

describe('a step of a deep CLIP', () => {
  const [first, second, recomputed] = [step('keep'), step('keep'), step('recompute')]

  it('has the same bits in every process, on two threads', async () => {
    expect({ ...(await first), peak: 0 }).toEqual({ ...(await second), peak: 0 })
  })

  it('needs far less memory when layers are recomputed, for the same loss and gradients, bit by bit', async () => {
    const [kept, less] = [await first, await recomputed]
    expect(less.peak).toBeLessThan(0.7 * kept.peak)
    expect(less.loss).toBe(kept.loss)
    expect(less.gradients).toBe(kept.gradients)
  })
})
