import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { requireEqualGradients, requireEqualLoss } from '../../benchmarks/agreement.ts'

const directory = mkdtempSync(join(tmpdir(), 'agreement-'))
afterAll(() => rmSync(directory, { recursive: true }))

const shapes = [
  ['a.bias', [2]],
  ['a.weight', [2, 2]],
] as const

function compare(actual: readonly number[], expected: readonly number[]): void {
  const [one, other] = [join(directory, 'actual'), join(directory, 'expected')]
  writeFileSync(one, Float32Array.from(actual))
  writeFileSync(other, Float32Array.from(expected))
  requireEqualGradients(one, other, shapes)
}

describe('a peer', () => {
  const expected = [1, 2, 30, 40, 50, 60]

  it('agrees when its gradients differ by rounding', () => {
    compare([1, 2 + 1e-6, 30, 40, 50, 60 - 1e-4], expected)
  })

  it('disagrees when one gradient is another, and that one is named', () => {
    expect(() => compare([1, 2.1, 30, 40, 50, 60], expected)).toThrow(/a\.bias/)
    expect(() => compare([1, 2, 30, 40, 50, 61], expected)).toThrow(/a\.weight/)
  })

  it('disagrees when a gradient is not a number', () => {
    expect(() => compare([1, Number.NaN, 30, 40, 50, 60], expected)).toThrow(/a\.bias/)
  })

  it('disagrees when gradients are missing', () => {
    expect(() => compare([1, 2, 30], expected)).toThrow(/too early/)
  })

  it('may round a gradient that is zero', () => {
    compare([1e-7, -1e-7, 30, 40, 50, 60], [0, 0, 30, 40, 50, 60])
    expect(() => compare([0.01, 0, 30, 40, 50, 60], [0, 0, 30, 40, 50, 60])).toThrow(/a\.bias/)
  })

  it('agrees in a loss that differs by less than one in ten thousand', () => {
    requireEqualLoss('its loss', 4.0003, 4)
    expect(() => requireEqualLoss('its loss', 4.0005, 4)).toThrow('its loss is 4.0005 where ours is 4')
    expect(() => requireEqualLoss('its loss', Number.NaN, 4)).toThrow('NaN')
  })
})
