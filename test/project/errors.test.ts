import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DataError, errorCodes, VisuomotorError } from '../../src/core/index.ts'

const root = join(import.meta.dirname, '../..')
const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
const sources = files
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.endsWith('error-codes.ts'))
  .map((file) => readFileSync(join(root, 'src', file), 'utf8'))
  .join('\n')

/** Rows of docs/errors.md: `| code | class | meaning | way out |`. */
const rows = readFileSync(join(root, 'docs/errors.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')))
const codes = Object.keys(errorCodes)

/** The name of an operation stands alone in the source: `misfit('matmul', …)`. */
const sourceName = (code: string): string => code.replace(/^shape\/(?!.*-)/, '')

describe('the table of error codes', () => {
  it('is sorted', () => {
    expect(codes).toEqual(codes.toSorted())
  })

  it.each(codes)('has %s, which is used', (code) => {
    expect([`'${code}'`, `'${sourceName(code)}'`].some((text) => sources.includes(text))).toBe(true)
  })
})

describe('docs/errors.md', () => {
  it('lists every code with its meaning, in the order of the table', () => {
    expect(rows.map(([code, , meaning]) => [code, meaning])).toEqual(
      Object.entries(errorCodes).map(([code, meaning]) => [`\`${code}\``, meaning]),
    )
  })

  it('gives each a way out', () => {
    expect(rows.filter((row) => row.length !== 4 || row.some((cell) => cell.trim() === ''))).toEqual([])
  })

  it.each(rows)('has the class of %s: %s', (code, documented) => {
    const thrown = [...sources.matchAll(new RegExp(`new (\\w+Error)\\(\\s*'${code!.slice(1, -1)}'`, 'g'))]
    for (const [, name] of thrown) expect(documented).toBe(`\`${name}\``)
  })
})

it('takes a code of the table or of a user, and no other', () => {
  expect(new DataError('data/no-images', 'none').code).toBe('data/no-images')
  expect(new VisuomotorError('own/gripper', 'none').code).toBe('own/gripper')
  // @ts-expect-error A code that is not in the table does not compile.
  new VisuomotorError('data/unheard-of', 'none')
})
