import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { pack } from 'tar-stream'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { DataError } from '../../../core/index.ts'
import type { Sample } from '../../sample.ts'
import { parseSource } from '../parse-source.ts'
import { openSource, sourceSpec } from '../source-spec.ts'
import { type TabletopOptions, tabletop } from './source.ts'

const directory = mkdtempSync(join(tmpdir(), 'tabletop-source-'))
afterAll(() => rmSync(directory, { recursive: true }))

const command = (text: string, label: string) => ({
  captions: [text],
  heldOutCaptions: [`${text}, in other words`],
  action: 'pick',
  target: 1,
  labels: { box: [0, 0.1, 0.5, 1], [label]: [1, 2, 3] },
  complexity: { objects: 3, task: 0.3, scene: 0.1 },
})
const scene = (setting: 'table' | 'floor', texts: readonly string[]) =>
  JSON.stringify({
    setting,
    commands: texts.map((text) => command(text, setting === 'table' ? 'place' : 'navigation')),
  })

async function shard(file: string, first: number, scenes: readonly string[]): Promise<void> {
  const archive = pack()
  const bytes = buffer(archive)
  scenes.forEach((json, index) => {
    const number = first + index
    archive.entry({ name: `00000${number}.png` }, `picture ${number}`)
    archive.entry({ name: `00000${number}.json` }, json)
  })
  archive.entry({ name: 'shard.json' }, '{}')
  archive.finalize()
  writeFileSync(join(directory, file), await bytes)
}

const description = {
  format: 'visuomotor-tabletop',
  version: 4,
  options: { seed: 1 },
  categories: ['cup'],
  labels: { box: { kind: 'box' }, place: { kind: 'position' }, navigation: { kind: 'position' } },
  camera: { width: 64, height: 64, verticalFov: 50 },
  contents: {
    scenes: 3,
    samples: 5,
    refusals: {},
    shards: [
      { file: 'train-00000.tar', split: 'train', scenes: 2, samples: { table: 2, floor: 1 } },
      { file: 'train-00001.tar', split: 'train', scenes: 1, samples: { table: 1, floor: 0 } },
      { file: 'heldOutScenes-00000.tar', split: 'heldOutScenes', scenes: 1, samples: { table: 1, floor: 0 } },
    ],
  },
}
const writeDescription = (content: unknown) =>
  writeFileSync(join(directory, 'dataset.json'), JSON.stringify(content))

beforeEach(async () => {
  writeDescription(description)
  await shard('train-00000.tar', 0, [scene('table', ['a', 'b']), scene('floor', ['c'])])
  await shard('train-00001.tar', 2, [scene('table', ['d'])])
  await shard('heldOutScenes-00000.tar', 0, [scene('table', ['e'])])
})

async function read(
  options: TabletopOptions = {},
  skip = 0,
): Promise<{ captions: string[]; samples: Sample[]; errors: DataError[] }> {
  const errors: DataError[] = []
  const samples: Sample[] = []
  const pass = tabletop(directory, options).samples({ skip, onBad: (error) => errors.push(error) })
  for await (const sample of pass) samples.push(sample)
  return { captions: samples.flatMap((sample) => sample.captions), samples, errors }
}

describe('a tabletop source', () => {
  test('yields a sample for each command, those of a scene with one picture', async () => {
    const { samples } = await read()
    const ids = ['train/000000/0', 'train/000000/1', 'train/000001/0', 'train/000002/0']
    expect(samples.map(({ id }) => id)).toEqual(ids)
    expect(samples[0]).toMatchObject({
      captions: ['a'],
      concept: 'train/000000/thing1',
      labels: { box: [0, 0.1, 0.5, 1], place: [1, 2, 3] },
      complexity: { objects: 3, task: 0.3, scene: 0.1 },
    })
    const [first, second, third] = samples.map(({ image }) => ('bytes' in image ? image.bytes : undefined))
    expect(second).toBe(first)
    expect(third).not.toEqual(first)
  })

  test('gives the camera in the robot’s frame, wherever the robot stood in the world', async () => {
    const camera = {
      position: [-1.5, 0.2, 1.3],
      rotation: [0, 0.6, -0.8, -1, 0, 0, 0, 0.8, 0.6],
      verticalFov: 50,
    }
    const robot = { position: [-1.4, 0, 0], rotation: [-1, 0, 0, 0, -1, 0, 0, 0, 1] }
    const content = (setting: string, more: object) =>
      JSON.stringify({ setting, camera, ...more, commands: [command('a', 'place')] })
    await shard('train-00000.tar', 0, [
      content('table', {}),
      content('floor', { robot }),
      content('floor', {}),
    ])
    const [table, floor, unknown] = (await read()).samples.map((sample) => sample.camera)
    expect(table).toEqual(camera)
    expect(floor!.position.map((part) => Number(part.toFixed(9)))).toEqual([0.1, -0.2, 1.3])
    expect(floor!.rotation).toEqual([0, -0.6, 0.8, 1, 0, 0, 0, 0.8, 0.6])
    expect(unknown).toBeUndefined()
  })

  test('chooses by split and setting, knows how many, and says which labels there are', async () => {
    const cases: [TabletopOptions, string[], string[]][] = [
      [{}, ['a', 'b', 'c', 'd'], ['box', 'place', 'navigation']],
      [{ setting: 'table' }, ['a', 'b', 'd'], ['box', 'place']],
      [{ setting: 'floor' }, ['c'], ['box', 'navigation']],
      [{ split: 'heldOutScenes' }, ['e'], ['box', 'place', 'navigation']],
      [{ split: 'heldOutPhrasings' }, ['e, in other words'], ['box', 'place', 'navigation']],
      [{ split: 'validation' }, [], ['box', 'place', 'navigation']],
    ]
    for (const [options, captions, labels] of cases) {
      expect((await read(options)).captions).toEqual(captions)
      expect(tabletop(directory, options).size).toBe(captions.length)
      expect(Object.keys(tabletop(directory, options).labels ?? {})).toEqual(labels)
    }
  })

  test.each([0, 1, 2, 3, 4])('begins at place %i as a whole pass goes on there', async (skip) => {
    expect((await read({}, skip)).captions).toEqual(['a', 'b', 'c', 'd'].slice(skip))
  })

  test('is opened from its spec and from a line of text', () => {
    const source = tabletop(directory, { split: 'heldOutScenes', setting: 'table' })
    expect(openSource(sourceSpec.parse(source)).spec).toEqual(source.spec)
    expect(parseSource(`tabletop:${directory}?split=heldOutScenes&setting=table`)).toEqual(source.spec)
    expect(() => parseSource(`tabletop:${directory}?split=heldOutPears`)).toThrow("'heldOutPairs'")
  })

  test('counts what a scene or a shard lost as bad samples, each in its place', async () => {
    await shard('train-00000.tar', 0, [scene('table', ['a', 'b']), '{"setting": "moon"}'])
    const { captions, errors } = await read()
    expect(captions).toEqual(['a', 'b', 'd'])
    expect(errors.map(({ code }) => code)).toEqual(['data/malformed-json'])
    expect(errors[0]!.message).toMatch(/train-00000\.tar, scene 000001/)
    writeFileSync(join(directory, 'train-00000.tar'), 'no tar at all')
    expect((await read()).errors.map(({ code }) => code)).toEqual(Array(3).fill('data/damaged-shard'))
    expect((await read({}, 2)).captions).toEqual(['d'])
  })

  test('never says in its place what training says where no held-out phrasing is written', async () => {
    const { heldOutCaptions: _, ...plain } = command('e', 'place')
    const content = { setting: 'table', commands: [plain, command('f', 'place')] }
    await shard('heldOutScenes-00000.tar', 0, [JSON.stringify(content)])
    const shards = description.contents.shards.map((each) =>
      each.split === 'heldOutScenes' ? { ...each, samples: { table: 2, floor: 0 } } : each,
    )
    writeDescription({ ...description, contents: { ...description.contents, shards } })
    const { captions, errors } = await read({ split: 'heldOutPhrasings' })
    expect(captions).toEqual(['f, in other words'])
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringMatching(/heldOutScenes-00000\.tar, scene 000000: command 0 has no heldOutCaptions/),
    ])
    expect((await read({ split: 'heldOutScenes' })).captions).toEqual(['e', 'f'])
  })

  test('without onBad stops at the first', async () => {
    rmSync(join(directory, 'train-00000.tar'))
    const pass = async () => {
      for await (const _ of tabletop(directory).samples());
    }
    await expect(pass()).rejects.toMatchObject({ code: 'data/damaged-shard' })
  })

  test('refuses a directory without a data set, with one of another version, with another’s, or with one that is not finished', () => {
    const { contents: _, ...unfinished } = description
    const codes = [unfinished, { ...description, version: 1 }, { ...description, camera: 0 }].map(
      (content) => {
        writeDescription(content)
        try {
          tabletop(directory)
        } catch (error) {
          return (error as DataError).code
        }
        return 'opened'
      },
    )
    expect(codes).toEqual(['data/unfinished-dataset', 'data/other-version', 'data/malformed-description'])
    expect(() => tabletop(join(directory, 'nowhere'))).toThrow('visuomotor data generate tabletop')
  })
})
