import { expect, it, vi } from 'vitest'
import { contentHash } from './drawing.ts'
import { emoji } from './source.ts'

vi.mock('./drawing.ts', { spy: true })

it('reads no drawing before it is used, then each once', async () => {
  const source = emoji({ split: 'heldOutConcepts' })
  expect(contentHash).not.toHaveBeenCalled()
  const size = source.size!
  const reads = vi.mocked(contentHash).mock.calls.length
  expect(reads).toBeGreaterThanOrEqual(size)
  let samples = 0
  for await (const _ of source.samples()) samples++
  expect(samples).toBe(size)
  expect(contentHash).toHaveBeenCalledTimes(reads)
})
