import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  noise,
  recordEpisodes,
  recordedFeatures,
  soundFrame,
} from '../../../test/support/recorded-episodes.ts'
import { encodedPicture } from '../images/index.ts'
import { lerobot, readLerobot } from '../lerobot/index.ts'
import type { Sample } from '../sample.ts'
import type { Source } from '../source.ts'
import { folder, parquet, webdataset } from '../sources/index.ts'
import { convertSource } from './index.ts'

const home = mkdtempSync(join(tmpdir(), 'convert-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))
const recorded = join(home, 'recorded')
beforeAll(() => recordEpisodes(recorded, [3, 2]))

const all = (source: Source): Promise<Sample[]> => Readable.from(source.samples()).toArray()
const bytesOf = async ({ image }: Sample) => Buffer.from((await encodedPicture(image)) as Uint8Array)
const state = { 'observation.state': { kind: 'number', length: 2 } } as const

test.each([
  ['webdataset', (directory: string) => webdataset(join(directory, 'data-*.tar'), { labels: state })],
  ['parquet', (directory: string) => parquet(join(directory, 'data-*.parquet'), { labels: state })],
] as const)('episodes become %s with the same pictures, captions and numbers', async (form, open) => {
  const directory = join(home, form)
  const notes: string[] = []
  const onNote = (text: string) => void notes.push(text)
  const told = await convertSource(lerobot(recorded), { form, directory }, { onNote })
  expect(told.samples).toBe(5)
  expect(notes).toEqual([expect.stringMatching(/stored beside the captions: observation\.state, /)])
  const [from, to] = [await all(lerobot(recorded)), await all(open(directory))]
  expect(to).toHaveLength(5)
  for (const [i, sample] of to.entries()) {
    const { captions, arrays } = from[i]!
    expect(sample.captions).toEqual(captions)
    expect(sample.labels?.['observation.state']).toEqual(
      Array.from(arrays!['observation.state']!.data as Float32Array),
    )
    expect(await bytesOf(sample)).toEqual(await bytesOf(from[i]!))
  }
})

test('a label that some samples lack is zeros in them, and told of', async () => {
  const pictures = join(home, 'partly')
  await convertSource(lerobot(recorded), { form: 'folder', directory: pictures })
  const file = join(pictures, 'captions.jsonl')
  const rows = readFileSync(file, 'utf8').trim().split('\n')
  const { 'observation.state': _, ...without } = JSON.parse(rows[1]!)
  writeFileSync(file, [rows[0], JSON.stringify(without), ...rows.slice(2)].join('\n'))
  const directory = join(home, 'partly-stills')
  await convertSource(folder(pictures, { captions: 'captions.jsonl', labels: state }), {
    form: 'lerobot',
    directory,
  })
  const names = ['label.observation.state', 'label.observation.state_present']
  const found = await all(
    lerobot(directory, { deltaTimestamps: Object.fromEntries(names.map((name) => [name, [0]])) }),
  )
  const [values, present] = names.map((name) =>
    found.map(({ arrays }) => [...(arrays![name]!.data as Float32Array)]),
  )
  expect(present).toEqual([[1], [0], [1], [1], [1]])
  expect(values![1]).toEqual([0, 0])
  expect(values![0]).not.toEqual([0, 0])
})

test('a folder of labelled pictures becomes episodes of one frame', async () => {
  const pictures = join(home, 'folder')
  await convertSource(lerobot(recorded), { form: 'folder', directory: pictures })
  const source = folder(pictures, { captions: 'captions.jsonl', labels: state })
  const directory = join(home, 'stills')
  expect(await convertSource(source, { form: 'lerobot', directory })).toMatchObject({
    samples: 5,
    episodes: 5,
  })
  const { episodes, info } = readLerobot(directory)
  expect(episodes.map(({ length, tasks }) => [length, ...tasks])[3]).toEqual([1, 'lift the cup'])
  expect(info.features['label.observation.state']).toMatchObject({ dtype: 'float32', shape: [2] })
})

test('episodes are written anew with all numbers; texts are named as left out', async () => {
  const from = join(home, 'texts')
  const features = {
    ...recordedFeatures,
    note: { dtype: 'string', shape: [1] },
    'next.done': { dtype: 'bool', shape: [1] },
  } as const
  await recordEpisodes(
    from,
    [3],
    (e, at) => ({ ...soundFrame(e, at), note: 'n', 'next.done': at === 2 }),
    features,
  )
  const directory = join(home, 'anew')
  const { leftOut } = await convertSource(lerobot(from), { form: 'lerobot', directory })
  expect(leftOut).toEqual(['note'])
  const done = lerobot(directory, { deltaTimestamps: { 'next.done': [0] } })
  expect((await all(done)).map(({ arrays }) => arrays!['next.done']!.data[0])).toEqual([0, 0, 1])
})

test('what a form cannot hold is refused', async () => {
  const two = join(home, 'two')
  const camera = recordedFeatures['observation.images.top']
  const features = { 'observation.images.a': camera, 'observation.images.b': camera }
  await recordEpisodes(
    two,
    [1],
    () => ({ task: 'look', 'observation.images.a': noise(1), 'observation.images.b': noise(2) }),
    features,
  )
  await expect(
    convertSource(lerobot(two), { form: 'parquet', directory: join(home, 'refused') }),
  ).rejects.toMatchObject({ code: 'config/conversion', message: expect.stringContaining('has 2 cameras') })
})
