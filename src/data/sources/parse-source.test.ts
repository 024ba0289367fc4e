import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../core/index.ts'
import { parseSource } from './parse-source.ts'
import { openSource } from './source-spec.ts'

test.each([
  ['emoji:heldOutStyle', { kind: 'emoji', split: 'heldOutStyle' }],
  ['folder:photos', { kind: 'folder', directory: 'photos', captions: 'captions.jsonl' }],
  ['folder:photos?captions=all.csv', { kind: 'folder', directory: 'photos', captions: 'all.csv' }],
  ['folder:C:\\photos', { kind: 'folder', directory: 'C:\\photos', captions: 'captions.jsonl' }],
  ['folder:what?/now?captions=a=b.csv', { kind: 'folder', directory: 'what?/now', captions: 'a=b.csv' }],
  [
    'folder:photos?captions=metadata.csv&image=file_name&caption=en,de',
    {
      kind: 'folder',
      directory: 'photos',
      captions: 'metadata.csv',
      image: 'file_name',
      caption: ['en', 'de'],
    },
  ],
  ['classFolders:photos/train', { kind: 'classFolders', directory: 'photos/train' }],
  ['webdataset:s/data-{000..009}.tar', { kind: 'webdataset', shards: 's/data-{000..009}.tar' }],
  ['parquet:d/*.parquet', { kind: 'parquet', files: 'd/*.parquet', image: 'image', caption: 'caption' }],
  [
    'parquet:d-?.parquet?caption=a,b&image=jpg',
    { kind: 'parquet', files: 'd-?.parquet', image: 'jpg', caption: ['a', 'b'] },
  ],
  ['lerobot:my-robot', { kind: 'lerobot', directory: 'my-robot' }],
  [
    'lerobot:my-robot?episodes=0:40&cameras=top,wrist&chunk=50&observationSteps=2&dropLastFrames=10',
    {
      kind: 'lerobot',
      directory: 'my-robot',
      episodes: '0:40',
      cameras: ['top', 'wrist'],
      chunk: 50,
      observationSteps: 2,
      dropLastFrames: 10,
    },
  ],
  ['lerobot:my-robot?episodes=7,9', { kind: 'lerobot', directory: 'my-robot', episodes: [7, 9] }],
  ['webdataset:data-?.tar', { kind: 'webdataset', shards: 'data-?.tar' }],
])('%s', (text, spec) => {
  expect(parseSource(text)).toEqual(spec)
})

test('what is parsed opens', () => {
  expect(openSource(parseSource('emoji:heldOutConcepts')).name).toBe('emoji(heldOutConcepts)')
})

describe('what is no source', () => {
  test.each([
    ['emojis:train', /did you mean 'emoji'\?/],
    ['emoji:heldoutstyle', /did you mean 'heldOutStyle'\?/],
    ['emoji', /emoji:SPLIT/],
    ['emoji:', /emoji:SPLIT/],
    ['folder:photos?captoin=text', /captoin.*folder:DIRECTORY/],
    ['parquet:x.parquet?captoin=text', /captoin.*parquet:FILES/],
    [
      'constructor:x',
      /there is no kind 'constructor'; there are emoji, folder, classFolders, parquet, webdataset, lerobot/,
    ],
    ['', /there is no kind ''; there are emoji, folder, classFolders, parquet, webdataset, lerobot/],
  ])('%s', (text, message) => {
    expect(() => parseSource(text)).toThrow(ConfigError)
    expect(() => parseSource(text)).toThrow(message)
  })
})
