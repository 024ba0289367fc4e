import { Tensor as OrtTensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { float32 } from '../core/index.ts'
import { input } from '../graph/index.ts'
import { discard } from './discard.ts'
import { Engine } from './engine.ts'

describe('discard', () => {
  it('takes the memory of a tensor away', () => {
    const tensor = new OrtTensor('float32', new Float32Array(1000), [1000])
    discard(tensor)
    expect(tensor.data.length).toBe(0)
  })

  it('frees memory without a collection', () => {
    const before = process.memoryUsage().arrayBuffers
    for (let i = 0; i < 50; i++) discard(new OrtTensor('float32', new Float32Array(2 ** 20), [2 ** 20]))
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 2 ** 20)
  })

  it('leaves to the caller what a program writes into', async () => {
    const x = input('x', [3])
    const program = await new Engine({ threads: 1 }).compile({ y: x.add(1) })
    const y = new OrtTensor('float32', new Float32Array(3), [3])
    const results = await program.run({ x: float32([3], [1, 2, 3]) }, { y })
    expect(results.y).toBe(y)
    expect([...(y.data as Float32Array)]).toEqual([2, 3, 4])
  })
})
