import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openSource, type SourceSpec } from './source-spec.ts'

const messageOf = (spec: SourceSpec): string => {
  try {
    openSource(spec)
  } catch (error) {
    expect(error).toMatchObject({ name: 'DataError', code: expect.stringMatching(/^data\//) })
    return (error as Error).message
  }
  return expect.unreachable()
}
const folder = (directory: string): SourceSpec => ({
  kind: 'folder',
  directory,
  captions: 'captions.jsonl',
})

describe('data that is not there', () => {
  test.each<[string, SourceSpec]>([
    ['folder', folder('nowhere')],
    ['tabletop', { kind: 'tabletop', directory: 'nowhere', split: 'train' }],
    ['webdataset', { kind: 'webdataset', shards: 'nowhere/{00..09}.tar' }],
    ['parquet', { kind: 'parquet', files: 'nowhere/*.parquet', image: 'image', caption: 'caption' }],
    ['concat', { kind: 'concat', of: { a: folder('nowhere') } }],
  ])('by a relative path tells once where such paths begin: %s', (_, spec) => {
    const told = messageOf(spec).split(`There is no nowhere in ${process.cwd()}: relative paths`)
    expect(told).toHaveLength(2)
  })

  test('speaks of no paths where the folder is there, or the path is from the root', () => {
    const home = mkdtempSync(join(tmpdir(), 'visuomotor-'))
    mkdirSync(join(home, 'photos'))
    expect(messageOf(folder(relative('.', join(home, 'photos'))))).not.toContain('relative paths')
    expect(messageOf(folder(join(home, 'nowhere')))).not.toContain('relative paths')
  })
})
