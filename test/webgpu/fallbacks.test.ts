import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hasSoftwareVulkan, noSoftwareVulkan, runOnSoftwareVulkan } from '../support/software-vulkan.ts'

type Fallbacks = Readonly<Record<'plain' | 'rewritten' | 'int32' | 'int64', readonly string[]>>

describe('what WebGPU leaves to the CPU', () => {
  let fallbacks: Fallbacks
  beforeAll(async () => {
    if (!hasSoftwareVulkan) return
    fallbacks = await runOnSoftwareVulkan(join(import.meta.dirname, 'find-fallbacks.ts'))
  })
  beforeEach(({ skip }) => skip(!hasSoftwareVulkan, noSoftwareVulkan))

  it('is none of our ops on floats, once they are rewritten', () => {
    expect(fallbacks.rewritten).toEqual([])
    // An upgrade that brings these makes their rules superfluous (src/graph/rewrites/webgpu-kernels.ts).
    expect(fallbacks.plain).toEqual(['matmul', 'logSoftmax'])
  })

  it('is arithmetic of int64, which comes from the host and stays there; int32 stays on the device', () => {
    expect(fallbacks.int32).toEqual([])
    expect(fallbacks.int64).toEqual(['equal', 'argMax', 'cast', 'reshape', 'expand', 'where'])
  })
})
