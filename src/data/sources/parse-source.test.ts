import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../core/index.ts'
import { parseSource } from './parse-source.ts'
import { openSource } from './source-spec.ts'

test.each([
  ['emoji:heldOutStyle', { source: 'emoji', split: 'heldOutStyle' }],
  ['folder:photos', { source: 'folder', directory: 'photos', captions: 'captions.jsonl' }],
  ['folder:photos?captions=all.csv', { source: 'folder', directory: 'photos', captions: 'all.csv' }],
  ['folder:C:\\photos', { source: 'folder', directory: 'C:\\photos', captions: 'captions.jsonl' }],
  ['folder:what?/now?captions=a=b.csv', { source: 'folder', directory: 'what?/now', captions: 'a=b.csv' }],
  ['webdataset:s/data-{000..009}.tar', { source: 'webdataset', shards: 's/data-{000..009}.tar' }],
  ['parquet:d/*.parquet', { source: 'parquet', files: 'd/*.parquet', image: 'image', caption: 'caption' }],
  [
    'parquet:d-?.parquet?caption=a,b&image=jpg',
    { source: 'parquet', files: 'd-?.parquet', image: 'jpg', caption: ['a', 'b'] },
  ],
  ['webdataset:data-?.tar', { source: 'webdataset', shards: 'data-?.tar' }],
])('%s', (text, spec) => {
  expect(parseSource(text)).toEqual(spec)
})

test('what is parsed opens', () => {
  expect(openSource(parseSource('emoji:heldOutConcepts')).name).toBe('emoji(heldOutConcepts)')
})

describe('what is no source', () => {
  test.each([
    ['emojis:train', /did you mean "emoji"\?/],
    ['emoji:heldoutstyle', /did you mean "heldOutStyle"\?/],
    ['emoji', /emoji:SPLIT/],
    ['emoji:', /emoji:SPLIT/],
    ['folder:photos?caption=a.csv', /caption.*folder:DIRECTORY/],
    ['parquet:x.parquet?captoin=text', /captoin.*parquet:FILES/],
    ['constructor:x', /There are emoji, folder, parquet, webdataset/],
    ['', /There are emoji, folder, parquet, webdataset/],
  ])('%s', (text, message) => {
    expect(() => parseSource(text)).toThrow(ConfigError)
    expect(() => parseSource(text)).toThrow(message)
  })
})
