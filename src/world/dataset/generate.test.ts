import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { VisuomotorError } from '../../core/index.ts'
import {
  labelsOfSetting,
  projectPoint,
  readTabletopDescription,
  type Sample,
  type TabletopSplit,
  tabletop,
} from '../../data/index.ts'
import { phrasings } from '../commands/phrasings.ts'
import { readRobot } from '../robot/read-robot.ts'
import { robotMjcf } from '../robot/robot-mjcf.ts'
import { kindNames } from '../scene/kinds.ts'
import { heldOutPairs, isHeldOut } from '../scene/pairs.ts'
import { isNamed, type NamedThing } from '../scene/scene.ts'
import { knownRobot, robotOfDataset } from './description.ts'
import { generateDataset } from './generate.ts'
import {
  checkDatasetOptions,
  type DatasetOptions,
  datasetDefaults,
  tabletopRandomization,
} from './options.ts'
import { SceneMaker } from './scene-maker.ts'
import { writeShards } from './shard-workers.ts'
import { planShards, scenesOf, splits } from './splits.ts'

const root = mkdtempSync(join(tmpdir(), 'tabletop-'))
afterAll(() => rmSync(root, { recursive: true }))

const options: DatasetOptions = { ...datasetDefaults, size: 32, scenes: 16, seed: 5 }
const bytesIn = (directory: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(directory)
      .sort()
      .map((name) => [name, readFileSync(join(directory, name)).toString('base64')]),
  )
const made = async (name: string, changes: Partial<DatasetOptions> = {}, workers = 1): Promise<string> => {
  await generateDataset(join(root, name), { ...options, ...changes }, { workers })
  return join(root, name)
}
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing thrown',
    (error: VisuomotorError) => error.code,
  )
const samplesOf = async (directory: string, split: TabletopSplit): Promise<Sample[]> => {
  const samples: Sample[] = []
  for await (const sample of tabletop(directory, { split }).samples()) samples.push(sample)
  return samples
}

const first = await made('first', {}, 2)

describe('a generated data set', () => {
  test('is the same to the byte for one thread and for two', async () => {
    expect(bytesIn(await made('alone'))).toEqual(bytesIn(first))
  })

  test('that was cut short is completed to the same bytes, what was begun is thrown away', async () => {
    const whole = bytesIn(first)
    const cut = join(root, 'cut')
    cpSync(first, cut, { recursive: true })
    rmSync(join(cut, 'train-00000.tar'))
    writeFileSync(join(cut, 'train-00000.tar.4711.tmp'), 'half')
    await made('cut')
    expect(bytesIn(cut)).toEqual(whole)
  })

  test('that is not finished is refused by the source', async () => {
    const stopped = await generateDataset(join(root, 'stopped'), options, { signal: AbortSignal.abort() })
    expect(stopped).toBeUndefined()
    expect(() => tabletop(join(root, 'stopped'))).toThrow('not finished')
  })

  test('of other options is not written over', async () => {
    expect(await codeOf(made('first', { size: 48 }))).toBe('config/other-dataset')
  })

  test('knows its robot by content, not by path', async () => {
    const [here, there] = ['robot.xml', 'moved.xml'].map((name) => join(root, name)) as [string, string]
    writeFileSync(here, robotMjcf)
    const changes = { scenes: 4, setting: 'table', robot: here } as const
    const directory = await made('own-robot', changes)
    const whole = bytesIn(directory)
    const description = readTabletopDescription(directory)
    expect(robotOfDataset(description)).toEqual(knownRobot(await readRobot(here)))
    expect(robotOfDataset(readTabletopDescription(first))).toBeUndefined()
    renameSync(here, there)
    rmSync(join(directory, 'train-00000.tar'))
    await made('own-robot', { ...changes, robot: there })
    const { 'dataset.json': _, ...shards } = bytesIn(directory)
    expect(whole).toMatchObject(shards)
    writeFileSync(there, robotMjcf.replace('fovy="50"', 'fovy="60"'))
    const error = await made('own-robot', { ...changes, robot: there }).catch(
      (thrown: VisuomotorError) => thrown,
    )
    expect(error).toMatchObject({
      code: 'config/other-dataset',
      message: expect.stringMatching(/\(robot\).*files have changed/),
    })
  })

  test('of another version is not completed', async () => {
    const old = join(root, 'old')
    cpSync(first, old, { recursive: true })
    const file = join(old, 'dataset.json')
    writeFileSync(file, readFileSync(file, 'utf8').replace('"version": 4', '"version": 2'))
    expect(await codeOf(made('old'))).toBe('data/other-version')
  })

  test.each([
    [{ scenes: 0 }, 'config/dataset'],
    [{ size: 8 }, 'config/dataset'],
    [{ seed: 0.5 }, 'config/dataset'],
    [{ robot: '/nowhere.xml' }, 'world/missing-file'],
  ])('of %j is refused with %s', async (changes, code) => {
    expect(await codeOf(made('refused', changes))).toBe(code)
  })
})

describe('what cannot be made is told', () => {
  const lookingBack = join(root, 'looking-back.xml')
  writeFileSync(lookingBack, robotMjcf.replace('xyaxes="0 -1 0 0 0 1"', 'xyaxes="0 1 0 0 0 1"'))

  test('when nothing can be commanded, with what stands in the way', async () => {
    const maker = await SceneMaker.open({ ...options, robot: lookingBack })
    const { things } = (await SceneMaker.open(options)).make('train', 0).record
    expect(things.length).toBeGreaterThan(0)
    expect(() => maker.make('train', 0)).toThrow(
      expect.objectContaining({
        code: 'world/no-scene',
        message: expect.stringMatching(/train 0: .*"hidden":\d{3}.*looking-back\.xml reach its table/),
      }),
    )
  })

  test('by worker threads with the code and the shard, and nothing is left of it', async () => {
    const error = await made('blind', { robot: lookingBack, scenes: 4 }).catch(
      (thrown: VisuomotorError) => thrown,
    )
    expect(error).toMatchObject({
      code: 'world/no-scene',
      message: expect.stringMatching(/^\w+-00000\.tar: /),
    })
    expect(readdirSync(join(root, 'blind'))).toEqual(['dataset.json'])
    // What could not be made does not stand in the way of what can.
    expect(await codeOf(made('blind', { scenes: 4 }))).toBe('nothing thrown')
  })

  test.each([
    [
      'that cannot write',
      { options, directory: join(lookingBack, 'below-a-file') },
      'file/unwritable',
      /^train-00000\.tar: .*ENOTDIR/,
    ],
    [
      'whose error has no code',
      { options: { ...options, setting: 'moon' as never }, directory: root },
      'world/worker-failed',
      /^train-00000\.tar: Cannot /,
    ],
    ['that does not start', null as never, 'world/worker-failed', /^a worker thread failed: /],
  ])('by a worker thread %s', async (_, spec, code, message) => {
    const plan = { ...planShards(options)[0]!, scenes: 1 }
    const writing = writeShards([plan], spec, 1, () => {}, undefined)
    await expect(writing).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })
})

describe('its splits', () => {
  test('share out all scenes, at least one each', () => {
    expect(scenesOf({ scenes: 1000 })).toEqual({
      train: 800,
      validation: 50,
      heldOutScenes: 100,
      heldOutPairs: 50,
    })
    expect(Math.min(...Object.values(scenesOf({ scenes: 5 })))).toBe(1)
    const plans = planShards({ scenes: 5000 })
    for (const split of splits) {
      const own = plans.filter((plan) => plan.split === split)
      expect(own.reduce((sum, { scenes }) => sum + scenes, 0)).toBe(scenesOf({ scenes: 5000 })[split])
      expect(own.map(({ first }) => first)).toEqual(own.map((_, number) => 250 * number))
    }
  })

  test('keep what is held out from training: pictures, pairs and phrasings', async () => {
    const training = [...(await samplesOf(first, 'train')), ...(await samplesOf(first, 'validation'))]
    const pictures = new Set(training.map(({ image }) => bytesOf(image)))
    const held = [...(await samplesOf(first, 'heldOutScenes')), ...(await samplesOf(first, 'heldOutPairs'))]
    for (const { image } of held) expect(pictures).not.toContain(bytesOf(image))
    const forbidden = [
      ...heldOutPairs.map(({ color, kind }) => new RegExp(`\\b${color} ${kind}\\b`)),
      ...Object.values(phrasings).flatMap(({ heldOut }) => heldOut.map(patternOf)),
    ]
    for (const caption of training.flatMap(({ captions }) => captions)) {
      for (const pattern of forbidden) expect(caption).not.toMatch(pattern)
    }
  })

  test('say held-out phrasings of the very scenes that are held out', async () => {
    const [plain, said] = [
      await samplesOf(first, 'heldOutScenes'),
      await samplesOf(first, 'heldOutPhrasings'),
    ]
    expect(said.map(({ labels }) => labels)).toEqual(plain.map(({ labels }) => labels))
    const heldOut = Object.values(phrasings).flatMap((each) => each.heldOut.map(patternOf))
    for (const { captions } of said) {
      for (const caption of captions) expect(heldOut.some((pattern) => pattern.test(caption))).toBe(true)
    }
  })
})

describe('its samples', () => {
  test('have the camera in the robot’s frame: the middle of a mat, where the robot is to go, is seen in its box', async () => {
    const floor = await made('floor', { setting: 'floor', scenes: 24, commands: 5 })
    const all = await samplesOf(floor, 'train')
    const mats = all.filter(({ labels }) => labels!.category![0] === kindNames.indexOf('mat'))
    expect(mats.length).toBeGreaterThan(3)
    for (const { camera, labels } of mats) {
      const [x, y] = projectPoint(camera!, labels!.navigation!, 1)!
      const [left, top, right, bottom] = labels!.box!
      expect(left! < x && x < right!).toBe(true)
      expect(top! < y && y < bottom!).toBe(true)
    }
  })
})

describe('a labelled scene', () => {
  const pictureOf = async (changes: Partial<DatasetOptions>) =>
    (await SceneMaker.open({ ...options, ...changes })).make('train', 4).rendering.color

  test('is the same for the same seed, and another for another', async () => {
    expect(await pictureOf({})).toEqual(await pictureOf({}))
    expect(await pictureOf({ seed: 6 })).not.toEqual(await pictureOf({}))
  })

  test('varies with randomization, of which the seed is all that decides', async () => {
    const randomization = tabletopRandomization()
    expect(await pictureOf({ randomization })).toEqual(await pictureOf({ randomization }))
    expect(await pictureOf({ randomization })).not.toEqual(await pictureOf({}))
  })

  test('holds a pair that is held out, and asks for it, in its test alone', async () => {
    const maker = await SceneMaker.open(options)
    for (let number = 0; number < 16; number++) {
      const { things, commands } = maker.make('heldOutPairs', number).record
      for (const { target } of commands) expect(isHeldOut(things[target] as NamedThing)).toBe(true)
      for (const split of ['train', 'validation', 'heldOutScenes'] as const) {
        const named = maker.make(split, number).record.things.filter(isNamed)
        expect(named.filter(isHeldOut)).toEqual([])
      }
    }
  })

  test('asks for the given tasks, in turn, each in its setting', async () => {
    const maker = await SceneMaker.open({ ...options, tasks: ['go', 'put'] })
    for (let number = 0; number < 6; number++) {
      const { setting, commands } = maker.make('validation', number).record
      expect(setting).toBe(number % 2 === 0 ? 'floor' : 'table')
      expect(new Set(commands.map(({ action }) => action))).toEqual(
        new Set([number % 2 === 0 ? 'go' : 'put']),
      )
    }
    const wrong = { ...options, setting: 'table', tasks: ['put', 'go'] } as const
    expect(() => checkDatasetOptions(wrong)).toThrow(/'go' is done on the floor, and the setting is 'table'/)
  })

  test('a put tells where the thing is to lie, and where the other one is seen', async () => {
    const maker = await SceneMaker.open(options)
    let count = 0
    for (let number = 0; number < 10; number++) {
      const { record, truths } = maker.make('train', number, 'put')
      for (const { place, labels } of record.commands) {
        expect(labels.place).toHaveLength(3)
        expect(labels.landmark).toEqual(truths[place!.to]?.box.map((x) => expect.closeTo(x, 5)))
        count += labels.landmark ? 1 : 0
      }
      for (const { labels } of maker.make('train', number, 'pick').record.commands)
        expect(labels).not.toHaveProperty('landmark')
    }
    expect(count).toBeGreaterThan(5)
  })

  test('has the labels of its setting, finite and within their ranges', async () => {
    const maker = await SceneMaker.open(options)
    for (let number = 0; number < 30; number++) {
      const { setting, commands } = maker.make('train', number).record
      expect(commands.length).toBeGreaterThan(0)
      for (const { labels } of commands) {
        const expected = labelsOfSetting[setting].filter((name) => !['place', 'landmark'].includes(name))
        expect(Object.keys(labels)).toEqual(expect.arrayContaining(expected))
        expect(Object.values(labels).flat().every(Number.isFinite)).toBe(true)
        const [left, top, right, bottom] = labels.box!
        expect(
          0 <= left! && left! < right! && right! <= 1 && 0 <= top! && top! < bottom! && bottom! <= 1,
        ).toBe(true)
      }
    }
  })
})

const bytesOf = (image: Sample['image']): string =>
  'bytes' in image ? Buffer.from(image.bytes).toString('base64') : image.file

const patternOf = (phrasing: string): RegExp =>
  new RegExp(`^${phrasing.replace('{thing}', 'the .+').replace('{place}', '.+')}$`)
