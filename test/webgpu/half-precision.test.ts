import { join } from 'node:path'
import { expect, it } from 'vitest'
import { hasSoftwareVulkan, noSoftwareVulkan, runOnSoftwareVulkan } from '../support/software-vulkan.ts'
import { halfGradients } from './half-gradients.ts'

interface Observed {
  readonly refusal?: { readonly code: string; readonly message: string }
  readonly gradients?: Readonly<Record<string, number[]>>
}

/** The true gradient of a key's bias is zero: what is computed is the rounding of each device. */
const isRounding = (name: string) => name.endsWith('.k_proj.bias')

it('float16 on webgpu has the gradients of the cpu, or is refused', { timeout: 900_000 }, async ({
  skip,
}) => {
  skip(!hasSoftwareVulkan, noSoftwareVulkan)
  const script = join(import.meta.dirname, 'halves-on-webgpu.ts')
  const { refusal, gradients } = await runOnSoftwareVulkan<Observed>(script)
  if (refusal) {
    expect(refusal.code).toBe('engine/no-float16')
    expect(refusal.message).toContain('f16')
    skip('Vulkan in software has no float16 (shader-f16): it is refused by name, and its numbers are unknown')
  }
  for (const [name, expected] of Object.entries(await halfGradients('cpu'))) {
    if (isRounding(name)) continue
    const difference = gradients![name]!.map((value, i) => value - expected[i]!)
    expect(Math.hypot(...difference) / Math.hypot(...expected), name).toBeLessThan(1e-2)
  }
})
