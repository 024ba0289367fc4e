import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../test/support/evaluate.ts'
import { opsAfterRewriting } from '../../../test/support/rewriting.ts'
import { float32, hostArray, int64 } from '../../core/index.ts'
import { constant, scalar, type Tensor } from '../index.ts'

const a = constant(float32([2, 1], [1.5, -2]))
const b = constant(float32([3], [0.1, 4, -3]))
const n = constant(int64([3], [7, -7, 9]))
const truth = constant(hostArray('bool', [3], Uint8Array.of(1, 0, 1)))

const folding: readonly [string, Tensor][] = [
  ['broadcasting arithmetic', a.add(b).mul(a).sub(b).div(b.add(10))],
  ['functions', b.abs().add(1).log().exp().sqrt().tanh().sigmoid().sin().cos().reciprocal()],
  ['limits', b.clamp(-1, 2).maximum(0.05).minimum(1).relu().softplus()],
  ['choices', b.greater(0).and(truth).not().where(b, a)],
  ['integers', n.div(2).mul(3).sub(1).neg()],
  ['comparisons of integers', n.lessOrEqual(7)],
]

describe('foldConstants', () => {
  it.each(folding)('computes %s now, as ONNX Runtime would', async (_, y) => {
    expect(opsAfterRewriting(y)).toEqual({})
    const before = await evaluate({ y }, {}, { rewritten: false })
    const after = await evaluate({ y })
    before.y!.forEach((value, i) => {
      expect(after.y![i]).toBeCloseTo(value, 5)
    })
  })

  it('rounds to the precision of the dtype', async () => {
    expect(await evaluate({ y: scalar(1).div(3) })).toEqual({ y: [Math.fround(1 / 3)] })
  })

  it('leaves large results, halves and divisions by the integer zero to ONNX Runtime', () => {
    const large = constant(float32([5000], new Float32Array(5000)))
    expect(opsAfterRewriting(large.exp())).toEqual({ exp: 1 })
    expect(opsAfterRewriting(scalar(1, 'float16').add(1))).toMatchObject({ add: 1 })
    expect(opsAfterRewriting(n.div(0))).toEqual({ div: 1 })
  })
})
