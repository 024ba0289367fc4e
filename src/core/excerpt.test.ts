import { expect, test } from 'vitest'
import { excerpt } from './excerpt.ts'

test('a short text stays as it is, on one line', () => {
  expect(excerpt('a cat\n on a mat')).toBe('a cat on a mat')
  expect(excerpt('x'.repeat(80))).toBe('x'.repeat(80))
})

test('of a long text the ends stay', () => {
  const text = `first ${'🙂'.repeat(100_000)} last`
  expect(excerpt(text)).toMatch(/^first 🙂+ … 🙂+ last$/u)
  expect([...excerpt(text)]).toHaveLength(80)
  expect(excerpt('x'.repeat(81), 20)).toBe(`${'x'.repeat(9)} … ${'x'.repeat(8)}`)
  expect(excerpt(`a${' '.repeat(1000)}b`, 20)).toBe('a b')
})
