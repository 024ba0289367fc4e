import { expect, it } from 'vitest'
import { refusalCounts, refusalWords } from './refusal-words.ts'

it('tells refusals in words, also those without a sentence of their own', () => {
  expect(refusalCounts({ 'world/nothing-meant': 3, 'world/no-answer': 1 })).toEqual([
    '3 × no such object',
    '1 × hidden or out of reach',
  ])
  expect(refusalWords('own/gripper-stuck')).toBe('gripper stuck')
})
