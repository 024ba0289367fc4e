import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DataError } from '../../core/index.ts'
import { expandBraces, listShards } from './shards.ts'

let directory: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'shards-'))
  for (const name of ['d-08.tar', 'd-09.tar', 'd-10.tar', 'more.tar', 'd+09.tar', 'd-09.tar.gz']) {
    writeFileSync(join(directory, name), '')
  }
})
afterAll(() => rmSync(directory, { recursive: true }))

describe('braces', () => {
  it.each([
    ['plain.tar', ['plain.tar']],
    ['d-{08..11}.tar', ['d-08.tar', 'd-09.tar', 'd-10.tar', 'd-11.tar']],
    ['d-{8..11}.tar', ['d-8.tar', 'd-9.tar', 'd-10.tar', 'd-11.tar']],
    ['{a,b}{1..2}', ['a1', 'a2', 'b1', 'b2']],
    ['{5..3}', []],
  ])('%s', (pattern, expanded) => {
    expect(expandBraces(pattern)).toEqual(expanded)
  })
})

describe('listShards', () => {
  const names = (pattern: string) =>
    listShards(join(directory, pattern)).map((path) => path.slice(directory.length + 1))

  it('matches files in alphabetical order, taking dots and pluses as they are', () => {
    expect(names('d-*.tar')).toEqual(['d-08.tar', 'd-09.tar', 'd-10.tar'])
    expect(names('d-0?.tar')).toEqual(['d-08.tar', 'd-09.tar'])
    expect(names('d+*.tar')).toEqual(['d+09.tar'])
    expect(names('{more,d-1*}.tar')).toEqual(['more.tar', 'd-10.tar'])
  })

  it('misses no shard in silence', () => {
    expect(() => names('d-{08..11}.tar')).toThrow(/there is no shard .*d-11\.tar/)
    expect(() => names('x-*.tar')).toThrow(/no shard matches .*x-\*\.tar/)
    expect(() => names('nowhere/x-*.tar')).toThrow(DataError)
    expect(() => names('d-{11..8}.tar')).toThrow(DataError)
    expect(() => listShards(directory)).toThrow(/is a folder; name the files in it: .*\/\*/)
  })
})
