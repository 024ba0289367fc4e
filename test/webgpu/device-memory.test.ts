import { join } from 'node:path'
import { expect, it } from 'vitest'
import { hasSoftwareVulkan, noSoftwareVulkan, runOnSoftwareVulkan } from '../support/software-vulkan.ts'

it('frees the buffers that updates replace', async ({ skip }) => {
  skip(!hasSoftwareVulkan, noSoftwareVulkan)
  const script = join(import.meta.dirname, 'update-large-arena.ts')
  const result = await runOnSoftwareVulkan<{ growth: number; everyValue: boolean }>(script)
  expect(result.everyValue).toBe(true)
  // Kept, they would be 800 MiB.
  expect(result.growth).toBeLessThan(100)
})
