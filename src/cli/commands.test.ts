import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { visuomotor } from '../../test/support/captured-output.ts'
import { tinyBundle } from '../../test/support/tiny-bundle.ts'
import { float32, writeSafetensors } from '../core/index.ts'
import { DualEncoderRuntime, readBundle, writeBundle, writeModelFiles } from '../deploy/index.ts'
import { availableDevices } from '../engine/index.ts'
import { parseRecipe, recipes } from '../recipes/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'cli-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const bundle = tinyBundle('clip')
const model = join(folder, 'model')
const photos = join(folder, 'photos')
const picture = (name: string) => join(photos, name)
const colors = {
  'blue.png': '#0000ff',
  'deep/green.webp': '#00ff00',
  'red.jpg': '#ff0000',
  'white.png': '#ffffff',
}

beforeAll(async () => {
  await writeBundle(model, bundle)
  mkdirSync(picture('deep'), { recursive: true })
  for (const [name, background] of Object.entries(colors)) {
    await sharp({ create: { width: 32, height: 32, channels: 3, background } }).toFile(picture(name))
  }
})

describe('search', () => {
  test('finds the nearest images, best first, as the runtime sees them', async () => {
    const argv = ['search', model, 'a red apple', '--images', photos, '--top', '3', '--json']
    const { code, result, notes } = await visuomotor(...argv)
    expect(code, notes).toBe(0)
    const runtime = await DualEncoderRuntime.load(model)
    const [query, files] = [await runtime.embedTexts(['a red apple']), Object.keys(colors).map(picture)]
    const expected = []
    for (const file of files) {
      const image = await runtime.embedImages([{ file }])
      expected.push({ file, similarity: image.reduce((sum, value, i) => sum + value * query[i]!, 0) })
    }
    expected.sort((a, b) => b.similarity - a.similarity)
    const { results, ...rest } = JSON.parse(result)
    expect(rest).toEqual({ query: 'a red apple', searched: 4, unreadable: [] })
    expect(results).toHaveLength(3)
    expected.slice(0, 3).forEach(({ file, similarity }, i) => {
      expect(results[i]).toEqual({ file, similarity: expect.closeTo(similarity, 4) })
    })
  })

  test('prints a table and writes a page', async () => {
    const html = join(folder, 'pages/found.html')
    const { code, result } = await visuomotor('search', model, 'a <car>', '--images', photos, '--html', html)
    expect(code).toBe(0)
    const [head, , first] = result.split('\n')
    expect(head).toMatch(/^Rank +Similarity +File$/)
    expect(first).toMatch(/^ +1 +-?0\.\d{3} +\S+\.(png|jpg|webp)$/)
    expect(result.split('\n')).toHaveLength(6)
    const page = readFileSync(html, 'utf8')
    expect(page).toContain('a &lt;car&gt;')
    expect(page.match(/src="data:image/g)).toHaveLength(4)
  })

  test('keeps the table where the page cannot be written, and leaves nothing behind', async () => {
    const taken = join(folder, 'taken-by-a-folder')
    mkdirSync(taken)
    const argv = ['search', model, 'a car', '--images', photos, '--html', taken]
    const { code, result, notes } = await visuomotor(...argv)
    expect(code).toBe(2)
    expect(result.split('\n')).toHaveLength(6)
    expect(notes).toContain(`error [file/is-a-directory]: ${taken} is a directory: name a file`)
    expect(JSON.parse((await visuomotor(...argv, '--json')).result)).toHaveProperty('results')
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  test('says which words of a query are read where it is too long', async () => {
    const { tokenizer } = bundle
    const { length } = bundle.model.inputs.text
    const noteOf = async (query: string) =>
      (await visuomotor('search', model, query, '--images', photos)).notes.match(/the query is longer.*/)?.[0]
    const query = 'a red apple beside a green pear on a table '.repeat(length).trim()
    const { inputIds } = tokenizer.encode(query, length)
    expect(await noteOf(query)).toBe(
      `the query is longer than the ${length} tokens, with its start and end, that the model reads. ` +
        `It looks for: ${JSON.stringify(tokenizer.decode(inputIds))}`,
    )
    expect(tokenizer.decode(inputIds).length).toBeLessThan(query.length)
    expect(await noteOf('a')).toBeUndefined()
  })

  test.each(['', ' \n'])('asks for words: %j', async (query) => {
    const { code, result, notes } = await visuomotor('search', model, query, '--images', photos)
    expect([code, result]).toEqual([2, ''])
    expect(notes).toContain('error [cli/empty-query]')
  })

  test('leaves out what is no image, and says so', async () => {
    const broken = picture('broken.png')
    writeFileSync(broken, 'no image')
    const { code, result, notes } = await visuomotor('search', model, 'x', '--images', photos, '--json')
    rmSync(broken)
    expect(code).toBe(0)
    expect(JSON.parse(result)).toMatchObject({ searched: 4, unreadable: [broken] })
    expect(notes).toContain(broken)
  })

  test('fails in a folder without images, or without the folder', async () => {
    const empty = join(folder, 'empty')
    mkdirSync(empty)
    for (const directory of [empty, join(folder, 'nowhere')]) {
      const { code, result, notes } = await visuomotor('search', model, 'x', '--images', directory)
      expect([code, result]).toEqual([2, ''])
      expect(notes).toContain(directory)
    }
  })
})

describe('evaluate', () => {
  const source = `folder:${photos}?captions=all.jsonl`
  const writeCaptions = (rows: readonly [string, string][]) =>
    writeFileSync(
      picture('all.jsonl'),
      rows.map(([file, caption]) => `${JSON.stringify({ file, caption })}\n`).join(''),
    )
  const captions: [string, string][] = Object.keys(colors).map((file) => [file, `a picture of ${file}`])

  /** The rank of each picture's caption for it, and of the picture for its caption, as the runtime sees them. */
  async function ranksOf(pairs: readonly [string, string][]) {
    const runtime = await DualEncoderRuntime.load(model)
    const images = await runtime.embedImages(pairs.map(([file]) => ({ file: picture(file) })))
    const texts = await runtime.embedTexts(pairs.map(([, caption]) => caption))
    const width = images.length / pairs.length
    const cosine = (image: number, text: number) => {
      const [a, b] = [images.subarray(image * width), texts.subarray(text * width)]
      return Array.from({ length: width }, (_, i) => a[i]! * b[i]!).reduce((sum, x) => sum + x, 0)
    }
    const rankAmong = (cosines: number[], own: number) => cosines.filter((x) => x >= cosines[own]!).length
    const places = pairs.map((_, i) => i)
    return {
      forImages: places.map((i) =>
        rankAmong(
          places.map((text) => cosine(i, text)),
          i,
        ),
      ),
      forTexts: places.map((i) =>
        rankAmong(
          places.map((image) => cosine(image, i)),
          i,
        ),
      ),
    }
  }

  /** The metrics of four ranks. */
  function tableOf(ranks: readonly number[]) {
    const within = (k: number) => (100 * ranks.filter((rank) => rank <= k).length) / ranks.length
    const [, second, third] = ranks.toSorted((a, b) => a - b) as [number, number, number, number]
    return {
      'R@1': within(1),
      'R@5': within(5),
      'R@10': within(10),
      MedR: (second + third) / 2,
      MeanR: ranks.reduce((sum, rank) => sum + rank, 0) / ranks.length,
    }
  }

  test('measures retrieval in both directions', async () => {
    const words = ['red', 'green', 'white', 'blue']
    const pairs = Object.keys(colors).map((file, i): [string, string] => [file, words[i]!])
    writeCaptions(pairs)
    const { code, result, notes } = await visuomotor('evaluate', model, '--data', source, '--json')
    expect(code, notes).toBe(0)
    const { imageToText, textToImage, gallery } = JSON.parse(result).results[source]
    expect(gallery).toBe(4)
    const { forImages, forTexts } = await ranksOf(pairs)
    expect(imageToText).toEqual(tableOf(forImages))
    expect(textToImage).toEqual(tableOf(forTexts))
    // Otherwise directions or rows could be exchanged unseen.
    expect(new Set(forImages).size).toBeGreaterThan(1)
    expect(tableOf(forImages)).not.toEqual(tableOf(forTexts))
  })

  test('reads all captions of a picture, or as many as the recipe of a run trains on', async () => {
    writeCaptions([...captions, ['red.jpg', 'something red'], ['red.jpg', 'a fire'], ['blue.png', 'the sea']])
    const measured = async (folder: string) => {
      const { code, result, notes } = await visuomotor('evaluate', folder, '--data', source, '--json')
      expect(code, notes).toBe(0)
      return JSON.parse(result).results[source]
    }
    expect(await measured(model)).toMatchObject({ gallery: 4, captions: 7 })
    const run = join(folder, 'first-captions')
    cpSync(model, run, { recursive: true })
    const recipe = { ...recipes.emoji!(), data: { kind: 'folder', directory: photos } }
    writeFileSync(join(run, 'recipe.json'), JSON.stringify(parseRecipe(recipe)))
    expect(await measured(run)).toMatchObject({ gallery: 4, captions: 4 })
  })

  test('counts captions that the model reads in part', async () => {
    writeCaptions([...captions, ['red.jpg', 'red and '.repeat(200)]])
    const { notes } = await visuomotor('evaluate', model, '--data', source)
    const { length } = bundle.model.inputs.text
    const cut = [...captions.map(([, caption]) => caption), 'red and '.repeat(200)].filter(
      (caption) => bundle.tokenizer.encode(caption, length).tokens > length,
    ).length
    expect(notes).toContain(`${source}: ${cut} of 5 captions are longer than ${length} tokens and were cut`)
    writeCaptions([['red.jpg', 'a']])
    expect((await visuomotor('evaluate', model, '--data', source)).notes).not.toContain('were cut')
  })

  test('prints a table', async () => {
    writeCaptions(captions)
    const { result } = await visuomotor('evaluate', model, '--data', source)
    expect(result).toMatch(/R@1 %[\s\S]*image → text[\s\S]*text → image/)
  })

  test('stops at a bad sample, or leaves it out', async () => {
    writeCaptions([...captions, ['missing.png', 'not there']])
    const stopped = await visuomotor('evaluate', model, '--data', source)
    expect(stopped.code).toBe(1)
    expect(stopped.notes).toMatch(/data\/missing-image.*all\.jsonl:5.*--on-bad-sample skip/)
    const argv = ['evaluate', model, '--data', source, '--on-bad-sample', 'skip', '--json']
    const { code, result, notes } = await visuomotor(...argv)
    expect(code).toBe(0)
    expect(JSON.parse(result).results[source].gallery).toBe(4)
    expect(notes).toMatch(/left out: .*missing\.png/)
    expect(notes).not.toContain('--on-bad-sample')
  })

  test.each([[], ['--data', source]])('says what a folder of pictures is taken for: %s', async (...argv) => {
    const { code, notes } = await visuomotor('evaluate', photos, ...argv)
    expect(code).toBe(2)
    expect(notes).toContain(
      `there is no model in ${photos}: it has no config.json, model.safetensors or checkpoints/`,
    )
    expect(notes).toContain('Name a run')
  })

  test('asks for data where the model names none', async () => {
    expect(await visuomotor('evaluate', model)).toMatchObject({
      code: 2,
      notes: expect.stringMatching(/cli\/no-data.*--data/),
    })
  })
})

describe('export', () => {
  const run = join(folder, 'run')
  beforeAll(() => {
    mkdirSync(run)
    writeModelFiles(run, bundle)
    for (const step of [4, 8]) {
      const directory = join(run, 'checkpoints', String(step))
      mkdirSync(directory, { recursive: true })
      const weights = new Map(bundle.weights).set('logit_scale', float32([], [step / 2]))
      writeSafetensors(join(directory, 'model.safetensors'), weights)
      writeFileSync(
        join(directory, 'state.json'),
        JSON.stringify({
          step,
          monitor: { best: { step: 4, value: 1 }, validationsSinceBest: 1 },
          trainSeconds: 1,
          waitSeconds: 0,
        }),
      )
    }
  })
  const scaleOf = (directory: string) => readBundle(directory).weights.get('logit_scale')!.data[0]

  test('writes the best weights of a run, into the run unless told otherwise', async () => {
    const { code, result, notes } = await visuomotor('export', run)
    expect(code, notes).toBe(0)
    expect(result).toMatch(/model\.safetensors +\d+ kB/)
    expect(notes).toContain(`npx visuomotor search ${join(run, 'bundle')}`)
    expect(scaleOf(join(run, 'bundle'))).toBe(2)
  })

  test('writes those of another checkpoint, elsewhere', async () => {
    const out = join(folder, 'out')
    const { result } = await visuomotor('export', run, '--out', out, '--checkpoint', 'last', '--json')
    expect(JSON.parse(result)).toMatchObject({
      bundle: out,
      files: { 'onnx/model.onnx': expect.any(Number) },
    })
    expect(scaleOf(out)).toBe(4)
  })

  test.each([
    ['9', 2, /4, 8/],
    ['4', 2, /bundle\/not-a-bundle.*mine\.txt/],
  ])('refuses: checkpoint %s', async (checkpoint, code, message) => {
    const out = join(folder, 'taken')
    mkdirSync(out, { recursive: true })
    writeFileSync(join(out, 'mine.txt'), 'mine')
    const failed = await visuomotor('export', run, '--out', out, '--checkpoint', checkpoint)
    expect(failed).toMatchObject({ code, result: '', notes: expect.stringMatching(message) })
    expect(existsSync(join(out, 'config.json'))).toBe(false)
  })
})

test('devices names every provider, its speed or its problem, and the versions', async () => {
  const { code, result } = await visuomotor('devices', '--json')
  expect(code).toBe(0)
  const { devices, versions } = JSON.parse(result)
  expect(devices[0]).toEqual({ name: 'cpu', gflops: expect.any(Number) })
  expect(devices.map(({ name }: { name: string }) => name)).toEqual(availableDevices())
  for (const { name, gflops, problem } of devices) {
    const wanted =
      problem === undefined ? { gflops: expect.any(Number) } : { problem: expect.stringMatching(/\w{3}/) }
    expect({ name, gflops, problem }).toEqual({ name, ...wanted })
    if (problem === undefined) expect(gflops, name).toBeGreaterThan(0)
  }
  expect(versions).toMatchObject({
    node: process.versions.node,
    onnxruntime: expect.stringMatching(/^\d+\./),
  })
  const { result: table } = await visuomotor('devices')
  expect(table).toMatch(/^Device +GFLOP\/s +Note\n.*\ncpu +\d+/)
})
