import { z } from 'zod'
import { Child } from '../child.ts'
import { nodeLaunch } from '../contestants.ts'
import { progress } from './progress.ts'

const milliseconds = z.object({ p50: z.number(), p99: z.number() })

const render = z.object({
  plain128: milliseconds,
  smooth128: milliseconds,
  randomized128: milliseconds,
  randomizedSmooth128: milliseconds,
  smooth64: milliseconds,
  labels128: milliseconds,
})

/**
 * Milliseconds for one picture of the tabletop world of 128 × 128 or 64 × 64 pixels: as it is, with smooth edges
 * (`supersample: 2`), and under the randomization of data sets; and for depth and segmentation alone.
 */
export type RenderMeasurement = z.infer<typeof render>

/** @param rounds How often each scene is drawn in each way. */
export async function measureRender(scenes: number, rounds: number): Promise<RenderMeasurement> {
  progress(`render: ${scenes} scenes, ${rounds} times`)
  const child = new Child(nodeLaunch('contestants/render.ts', { scenes, rounds }))
  try {
    return await child.reply(render)
  } finally {
    await child.end()
  }
}
