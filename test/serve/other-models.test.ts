import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { float32, int64, random } from '../../src/core/index.ts'
import { imageBatch } from '../../src/deploy/image-batch.ts'
import {
  CaptionRuntime,
  ChunkPolicyRuntime,
  loadMaskedModel,
  readModelDescription,
  writeBundle,
} from '../../src/deploy/index.ts'
import { NumpyArray, PolicyClient, serve } from '../../src/deploy/servers/index.ts'
import { Engine, toHost } from '../../src/engine/index.ts'
import { buildModel, families as builtIn } from '../../src/models/index.ts'
import { namedParameters } from '../../src/nn/index.ts'
import { noise, noisePng, type Served, serveTiny } from '../support/served.ts'
import { tinyTokenizer } from '../support/tiny-bundle.ts'
import { families as own } from './own-families/picture-score.ts'

type Answer = Readonly<Record<string, unknown>> & { readonly error: { readonly code: string } & string }

const asker =
  (url: () => string) =>
  async (path: string, body: unknown): Promise<{ readonly status: number; readonly answer: Answer }> => {
    const response = await fetch(url() + path, {
      method: 'POST',
      ...(body instanceof FormData
        ? { body }
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    return { status: response.status, answer: (await response.json()) as Answer }
  }

const base64 = (bytes: Uint8Array) => ({ base64: Buffer.from(bytes).toString('base64') })

function expectClose(found: readonly number[], expected: ArrayLike<number>): void {
  expect(found).toHaveLength(expected.length)
  for (const [i, value] of Array.from(expected).entries()) expect(found[i]).toBeCloseTo(value, 4)
}

describe('a policy that acts in chunks', () => {
  const [top, wrist] = ['observation.images.top', 'observation.images.wrist'] as const
  const state = [0.1, 0.2, 0.3]
  const command = 'pick up the red cup'
  let served: Served
  let files: readonly Buffer[]
  let expected: readonly number[]
  const post = asker(() => served.server.url)
  const cameras = () => ({ [top]: base64(files[0]!), [wrist]: base64(files[1]!) })
  beforeAll(async () => {
    served = await serveTiny('chunks')
    files = [await noisePng(1), await noisePng(2)]
    const runtime = await ChunkPolicyRuntime.load(served.folder, { threads: 1, onNote: () => {} })
    const seen = { [top]: { bytes: files[0]! }, [wrist]: { bytes: files[1]! } }
    const { actions } = await runtime.act({ cameras: seen, state, command })
    expected = actions.flat()
  })
  afterAll(() => served.end())

  test('answers over HTTP what its runtime answers, to JSON and to a form', async () => {
    const { status, answer } = await post('/v1/act', { cameras: cameras(), state, command })
    expect(status).toBe(200)
    const actions = answer.actions as number[][]
    expect(actions).toHaveLength(4)
    expectClose(actions.flat(), expected)
    const form = new FormData()
    for (const [i, name] of [top, wrist].entries())
      form.set(name, new Blob([new Uint8Array(files[i]!)]), 'a.png')
    for (const number of state) form.append('state', String(number))
    form.set('command', command)
    expectClose(((await post('/v1/act', form)).answer.actions as number[][]).flat(), expected)
    const byName = Object.fromEntries(state.map((value, i) => [`state ${i + 1}`, value]))
    const named = await post('/v1/act', { cameras: cameras(), state: byName, command })
    expectClose((named.answer.actions as number[][]).flat(), expected)
  })

  test('answers by openpi’s protocol and by KServe’s the same', async () => {
    const client = await PolicyClient.connect(served.server.url.replace('http', 'ws'))
    const answer = await client.infer({
      [top.replaceAll('.', '/')]: new NumpyArray('|u1', [32, 32, 3], noise(1)),
      images: { wrist: new NumpyArray('|u1', [32, 32, 3], noise(2)) },
      'observation/state': NumpyArray.float32([3], state),
      prompt: command,
    })
    await client.close()
    expect((answer.actions as NumpyArray).shape).toEqual([4, 2])
    expectClose(Array.from((answer.actions as NumpyArray).data as Float32Array), expected)
    const inputs = (await (await fetch(`${served.server.url}/v2/models/act`)).json()).inputs
    expect(inputs).toContainEqual({ name: 'observation.state', datatype: 'FP32', shape: [-1, 3] })
    const unequal = {
      inputs: [
        { name: top, datatype: 'BYTES', shape: [1], data: ['a'] },
        { name: wrist, datatype: 'BYTES', shape: [1], data: ['a'] },
        { name: 'observation.state', datatype: 'FP32', shape: [1, 3], data: state },
        { name: 'command', datatype: 'BYTES', shape: [1], data: [command] },
      ],
    }
    expect((await post('/v2/models/act/infer', unequal)).answer.error).toMatch(/^\[serve\/image\]/)
    expectClose(await binaryAct(served.server.url, [top, wrist], files, state, command), expected)
  })

  test('answers a command in another language, and counts its words', async () => {
    const other = await post('/v1/act', { cameras: cameras(), state, command: 'hebe den Becher auf' })
    expect(other).toMatchObject({ status: 200 })
    expect(other.answer.unlearnedWords).toEqual(['hebe', 'den', 'becher', 'auf'])
    const metrics = await (await fetch(`${served.server.url}/metrics`)).text()
    expect(metrics).toMatch(/visuomotor_unlearned_words_total 4/)
  })

  test.each([
    ['no state', { state: undefined }, 400, 'serve/request', /reads a state/],
    ['a state that is too short', { state: [1] }, 400, 'deploy/joint-state', /1 positions for the 3/],
    ['a joint that it does not have', { state: { elbow: 1 } }, 400, 'deploy/joint-state', /no joint 'elbow'/],
    ['a state that is no number', { state: ['x', 1, 2] }, 400, 'serve/request', /state/],
    ['no command', { command: undefined }, 400, 'serve/request', /reads a command/],
    ['one camera less', { cameras: 'one' }, 400, 'deploy/camera', /no picture of 'observation.images.wrist'/],
    ['another camera', { cameras: 'other' }, 400, 'deploy/camera', /no camera 'observation.images.tops'/],
    ['a picture that is cut short', { cameras: 'cut' }, 400, 'data/unreadable-image', /camera/],
    ['an unknown key', { task: 'push' }, 400, 'serve/request', /task/],
  ])('refuses %s', async (_, change, status, code, message) => {
    const given = {
      one: { [top]: base64(files[0]!) },
      other: { ...cameras(), [`${top}s`]: base64(files[0]!) },
      cut: { ...cameras(), [wrist]: base64(files[1]!.subarray(0, 1500)) },
    }
    const asked = 'cameras' in change ? { cameras: given[change.cameras as keyof typeof given] } : change
    const { status: found, answer } = await post('/v1/act', { cameras: cameras(), state, command, ...asked })
    expect(answer).toMatchObject({ error: { code, message: expect.stringMatching(message) } })
    expect(found).toBe(status)
  })

  test('refuses by openpi’s protocol what is no observation of its', async () => {
    const image = new NumpyArray('|u1', [32, 32, 3], noise(1))
    const good = { 'images/top': image, 'images/wrist': image, prompt: command }
    const ask = async (change: object) => {
      const client = await PolicyClient.connect(served.server.url.replace('http', 'ws'))
      return client
        .infer({ ...good, state: NumpyArray.float32([3], state), ...change })
        .finally(() => client.close())
    }
    const nan = NumpyArray.float32([3], [0, Number.NaN, 0])
    await expect(ask({ state: nan })).rejects.toMatchObject({ code: 'serve/not-finite' })
    await expect(ask({ state: NumpyArray.float32([2], [0, 0]) })).rejects.toMatchObject({
      code: 'serve/observation',
    })
    await expect(ask({ 'images/wrist': NumpyArray.float32([3], state) })).rejects.toMatchObject({
      code: 'serve/observation',
    })
    expect(await ask({ prompt: 'hebe auf' })).toMatchObject({ unlearned_words: ['hebe', 'auf'] })
  })
})

/** Chunk of KServe's model `act`, by binary tensors as tritonclient sends them. */
async function binaryAct(
  url: string,
  names: readonly string[],
  files: readonly Buffer[],
  state: readonly number[],
  command: string,
): Promise<number[]> {
  const element = (bytes: Uint8Array) => {
    const length = Buffer.alloc(4)
    length.writeUInt32LE(bytes.length)
    return Buffer.concat([length, bytes])
  }
  const values = [
    ...names.map((name, i) => ({ name, datatype: 'BYTES', shape: [1], bytes: element(files[i]!) })),
    {
      name: 'observation.state',
      datatype: 'FP32',
      shape: [1, 3],
      bytes: Buffer.from(Float32Array.from(state).buffer),
    },
    { name: 'command', datatype: 'BYTES', shape: [1], bytes: element(Buffer.from(command)) },
  ]
  const inputs = values.map(({ bytes, ...tensor }) => ({
    ...tensor,
    parameters: { binary_data_size: bytes.length },
  }))
  const head = Buffer.from(JSON.stringify({ inputs }))
  const response = await fetch(`${url}/v2/models/act/infer`, {
    method: 'POST',
    headers: { 'inference-header-content-length': String(head.length) },
    body: new Uint8Array(Buffer.concat([head, ...values.map(({ bytes }) => bytes)])),
  })
  const answer = (await response.json()) as { outputs: { shape: number[]; data: number[] }[] }
  expect(answer.outputs[0]!.shape).toEqual([1, 4, 2])
  return answer.outputs[0]!.data
}

describe('a vision-language model', () => {
  let served: Served
  let picture: Buffer
  const post = asker(() => served.server.url)
  beforeAll(async () => {
    served = await serveTiny('vlm')
    picture = await noisePng(4)
  })
  afterAll(() => served.end())

  test('writes captions as its runtime does, greedily and by beams', async () => {
    const runtime = await CaptionRuntime.load(served.folder, { threads: 1 })
    for (const search of [{}, { beams: 3, length: 6 }]) {
      const [expected] = await runtime.captions([{ bytes: picture }], search)
      const { status, answer } = await post('/v1/caption', { images: [base64(picture)], ...search })
      expect(status).toBe(200)
      const [found] = answer.captions as [{ caption: string; logProbability: number; ended: boolean }]
      expect(found).toMatchObject({ caption: expected!.caption, ended: expected!.ended })
      expect(found.logProbability).toBeCloseTo(expected!.logProbability, 3)
    }
    const model = await (await fetch(`${served.server.url}/v1/model`)).json()
    expect(model).toMatchObject({ tasks: ['embed', 'classify', 'caption'] })
  })

  test.each([
    ['no image', { images: [] }, 'serve/request'],
    ['no beams', { beams: 0 }, 'serve/request'],
    ['more tokens than it has', { length: 17 }, 'serve/request'],
    ['an image that is none', { images: [base64(Buffer.from('no image'))] }, 'serve/image'],
    ['a cut image', { images: 'cut' }, 'data/unreadable-image'],
  ])('refuses captions of %s', async (_, change, code) => {
    const cut = { images: [base64(picture.subarray(0, 1500))] }
    const isCut = 'images' in change && change.images === 'cut'
    const asked = { images: [base64(picture)], ...(isCut ? cut : change) }
    expect(await post('/v1/caption', asked)).toMatchObject({ status: 400, answer: { error: { code } } })
  })

  test('tells by KServe’s protocol what is behind masks', async () => {
    const { runner, description } = await loadMaskedModel(served.folder, { threads: 1 })
    const ids = Array.from(description.tokenizer.encode('a red car', 16).inputIds, Number)
    const visible = [0, 1, 2, 3, 4, 5, 6, 7]
    const pixels = Array.from(noise(1), (value) => value / 255)
    const arrays = {
      pixelValues: float32([1, 3, 32, 32], pixels),
      inputIds: int64([1, 16], ids),
      visiblePatches: int64([1, 8], visible),
      maskedTokens: int64([1, 2], [2, -1]),
      imageSeen: float32([1], [1]),
    }
    const expected = await runner.reconstruct(arrays)
    const tensors = (places: number[], words: number[]) => ({
      inputs: [
        { name: 'pixel_values', datatype: 'FP32', shape: [1, 3, 32, 32], data: pixels },
        { name: 'input_ids', datatype: 'INT64', shape: [1, 16], data: ids },
        { name: 'visible_patches', datatype: 'INT64', shape: [1, 8], data: places },
        { name: 'masked_tokens', datatype: 'INT64', shape: [1, words.length], data: words },
        { name: 'image_seen', datatype: 'FP32', shape: [1], data: [1] },
      ],
    })
    const { answer } = await post('/v2/models/masked_model/infer', tensors(visible, [2, -1]))
    const outputs = new Map(
      (answer.outputs as { name: string; data: number[]; datatype: string }[]).map((each) => [
        each.name,
        each,
      ]),
    )
    expectClose(outputs.get('patches')!.data, expected.patches)
    expect(outputs.get('words')).toMatchObject({
      datatype: 'INT64',
      data: Array.from(expected.words, Number),
    })
    const far = await post('/v2/models/masked_model/infer', tensors([0, 1, 2, 3, 4, 5, 6, 16], [2]))
    expect(far.answer.error).toMatch(/^\[serve\/tensor\] tensor visible_patches: 16 is outside/)
    const many = await post('/v2/models/masked_model/infer', tensors(visible, new Array(300).fill(2)))
    expect(many).toMatchObject({ status: 413 })
  })

  test('captions files of images by KServe’s protocol, of which one that is none is refused', async () => {
    const model = await (await fetch(`${served.server.url}/v2/models/caption`)).json()
    expect(model).toMatchObject({
      outputs: [{ name: 'caption', datatype: 'BYTES' }, { name: 'log_probability' }],
    })
    const image = { name: 'image', datatype: 'BYTES', shape: [1], data: ['no image'] }
    expect((await post('/v2/models/caption/infer', { inputs: [image] })).answer.error).toMatch(/serve\/image/)
  })
})

test('a model of the sigmoid loss gives each class a probability of its own, those of its graph', async () => {
  const served = await serveTiny('siglip')
  try {
    const post = asker(() => served.server.url)
    const picture = await noisePng(5)
    const labels = ['a red car', 'a dog', 'a green apple']
    const { answer } = await post('/v1/classify', { images: [base64(picture)], labels })
    const logits = await logitsOf(served.folder, picture, labels)
    const classes = (answer.images as { label: string; probability: number }[][])[0]!
    expect(classes).toHaveLength(3)
    for (const { label, probability } of classes) {
      const expected = 1 / (1 + Math.exp(-logits[labels.indexOf(label)]!))
      expect(probability / expected).toBeCloseTo(1, 3)
    }
  } finally {
    await served.end()
  }
})

/** Logits of a picture for texts, as `model.onnx` gives them to other programs. */
async function logitsOf(folder: string, picture: Buffer, texts: readonly string[]): Promise<Float32Array> {
  const { image, tokenizer, model } = readModelDescription(folder)
  const file = await new Engine({ threads: 1 }).load(readFileSync(join(folder, 'onnx/model.onnx')))
  const { length } = model.inputs.text
  const ids = texts.flatMap((text) => tokenizer.encode(text, length).inputIds)
  const { logits_per_image } = await file.run({
    pixel_values: await imageBatch([{ bytes: picture }], image, () => 'picture'),
    input_ids: int64([texts.length, length], ids),
  })
  return toHost(logits_per_image!, 'float32')
}

describe('a family of a user', () => {
  const folder = mkdtempSync(join(tmpdir(), 'own-served-'))
  const bundle = join(folder, 'score')
  const module = join(import.meta.dirname, 'own-families/picture-score.ts')
  const families = { ...builtIn, ...own }
  const tokenizer = tinyTokenizer()
  const image = { size: 4, fit: 'fill', background: [0, 0, 0], mean: [0, 0, 0], std: [1, 1, 1] } as const
  beforeAll(async () => {
    const { schema, withVocabulary } = own.picture_score
    const config = schema.parse({ model_type: 'picture_score', side: 4, words: 1, longest: 8 })
    const model = buildModel(withVocabulary(config, tokenizer), { families })
    const values = Array.from(namedParameters(model), ([name, { shape, initialize }]) => {
      return [name, float32(shape, initialize(shape, random(3, name)))] as const
    })
    await writeBundle(bundle, { model, tokenizer, image, weights: new Map(values) }, { families })
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('is served by its graphs where its module is named, and refused where it is not', async () => {
    await expect(serve(bundle, { port: 0 })).rejects.toMatchObject({ code: 'bundle/model-type' })
    const server = await serve(bundle, { port: 0, threads: 1, extensions: [module] })
    try {
      const post = asker(() => server.url)
      const pixels = (rows: number) => ({
        name: 'pixel_values',
        datatype: 'FP32',
        shape: [rows, 3, 4, 4],
        data: Array.from({ length: 48 * rows }, (_, i) => Math.floor(i / 16) / 10),
      })
      const ids = (rows: number, token = 5) => ({
        name: 'input_ids',
        datatype: 'INT64',
        shape: [rows, 8],
        data: new Array<number>(8 * rows).fill(token),
      })
      const outputs = ({ answer }: { answer: Answer }) =>
        answer.outputs as { name: string; shape: number[]; data: number[] }[]
      const one = await post('/v2/models/score/infer', { inputs: [pixels(1), ids(1)] })
      const scores = await Promise.all(
        Array.from({ length: 4 }, () => post('/v2/models/score/infer', { inputs: [pixels(2), ids(2)] })),
      )
      for (const each of scores) {
        expect(outputs(each)[0]!.shape).toEqual([2, 1])
        expect(outputs(each)[0]!.data[0]).toBeCloseTo(outputs(one)[0]!.data[0]!, 5)
      }
      const [table, longest] = outputs(await post('/v2/models/table/infer', { inputs: [pixels(2), ids(3)] }))
      expect([table!.shape, longest!.shape, longest!.data[0]]).toEqual([[2, 3], [3, 8], 5])
      for (const [inputs, message] of [
        [[pixels(2), ids(3)], /2 and 3 samples/],
        [[pixels(1), ids(1, 1e6)], /outside the vocabulary/],
        [[pixels(1)], /also needs input_ids/],
      ] as const)
        expect((await post('/v2/models/score/infer', { inputs })).answer.error).toMatch(message)
      expect((await post('/v1/act', {})).status).toBe(404)
    } finally {
      await server.stop()
    }
  })

  test('is refused with a module that is missing, damaged, exports none, or takes the name of another', async () => {
    const write = (name: string, code: string) => {
      writeFileSync(join(folder, name), code)
      return join(folder, name)
    }
    for (const [file, code, message] of [
      [join(folder, 'none.mjs'), 'serve/option', /does not exist/],
      [write('broken.mjs', 'throw new Error("it fails")'), 'serve/option', /it fails/],
      [write('empty.mjs', 'export const family = {}'), 'serve/option', /exports no families/],
      [write('taken.mjs', 'export const families = { clip: {} }'), 'config/row-exists', /'clip'/],
    ] as const)
      await expect(serve(bundle, { port: 0, extensions: [file] })).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message),
      })
  })
})
