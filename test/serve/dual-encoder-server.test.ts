import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { float32, int64 } from '../../src/core/index.ts'
import { DualEncoderRuntime, readLogitScale } from '../../src/deploy/index.ts'
import { noisePng, type Served, serveTiny } from '../support/served.ts'

let served: Served
let url: string
let runtime: DualEncoderRuntime
const pictures: Buffer[] = []
beforeAll(async () => {
  for (const seed of [1, 2, 3]) pictures.push(await noisePng(seed))
  served = await serveTiny('dual-encoder')
  url = served.server.url
  runtime = await DualEncoderRuntime.load(served.folder, { threads: 1 })
})
afterAll(() => served.end())

const base64 = (bytes: Buffer) => ({ base64: bytes.toString('base64') })

type Body = NonNullable<NonNullable<Parameters<typeof fetch>[1]>['body']>

/** What answers may have. */
interface Answer {
  readonly images: number[][]
  readonly texts: number[][]
  readonly outputs: readonly { readonly name: string; readonly data: number[] }[]
  readonly results: readonly { readonly file: string; readonly similarity: number }[]
  readonly error: string & { readonly code: string }
}

async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? (body as Body) : JSON.stringify(body),
  })
  return { status: response.status, answer: (await response.json()) as Answer }
}

function expectClose(found: readonly number[], expected: ArrayLike<number>): void {
  expect(found).toHaveLength(expected.length)
  for (const [i, value] of Array.from(expected).entries()) expect(found[i]).toBeCloseTo(value, 4)
}

describe('over HTTP a dual encoder', () => {
  test('embeds images and texts as its runtime does', async () => {
    const texts = ['a red car', 'the smiling face of a cat']
    const { status, answer } = await post('/v1/embed', { images: pictures.map(base64), texts })
    expect(status).toBe(200)
    expectClose(answer.images.flat(), await runtime.embedImages(pictures.map((bytes) => ({ bytes }))))
    expectClose(answer.texts.flat(), await runtime.embedTexts(texts))
  })

  test('takes a form with several files', async () => {
    const form = new FormData()
    for (const bytes of pictures) form.append('image', new Blob([new Uint8Array(bytes)]), 'a.png')
    form.append('text', 'a red car')
    const answer = (await (await fetch(`${url}/v1/embed`, { method: 'POST', body: form })).json()) as Answer
    expectClose(answer.images.flat(), await runtime.embedImages(pictures.map((bytes) => ({ bytes }))))
    expect(answer.texts).toHaveLength(1)
  })

  test('classifies by its factor of similarities', async () => {
    const labels = ['apple', 'car', 'dog']
    const { answer } = await post('/v1/classify', {
      images: [base64(pictures[0]!)],
      labels,
      template: 'a photo of a {}',
    })
    const image = await runtime.embedImages([{ bytes: pictures[0]! }])
    const texts = await runtime.embedTexts(labels.map((label) => `a photo of a ${label}`))
    const width = image.length
    const scale = readLogitScale(served.folder)!
    const powers = labels.map((_, i) =>
      Math.exp(scale * image.reduce((sum, x, k) => sum + x * texts[i * width + k]!, 0)),
    )
    const total = powers.reduce((sum, power) => sum + power, 0)
    const classes = answer.images[0] as unknown as { label: string; probability: number }[]
    for (const { label, probability } of classes)
      expect(probability).toBeCloseTo(powers[labels.indexOf(label)]! / total, 3)
    expect(classes.map(({ probability }) => probability)).toEqual(
      classes.map(({ probability }) => probability).sort((a, b) => b - a),
    )
  })

  test('answers many at once, each its own', async () => {
    const asked = await Promise.all(
      Array.from({ length: 40 }, (_, i) => post('/v1/embed', { images: [base64(pictures[i % 3]!)] })),
    )
    const expected = await runtime.embedImages(pictures.map((bytes) => ({ bytes })))
    const width = expected.length / 3
    for (const [i, { answer }] of asked.entries())
      expectClose(answer.images[0]!, expected.subarray((i % 3) * width, ((i % 3) + 1) * width))
    const metrics = await (await fetch(`${url}/metrics`)).text()
    const [, batches, items] =
      /visuomotor_batch_items_sum\{lane="image"\} (\d+)\nvisuomotor_batch_items_count\{lane="image"\} (\d+)/.exec(
        metrics,
      )!
    expect(Number(batches)).toBeGreaterThan(Number(items)) // several items a batch
  })

  test.each([
    ['a body that is no JSON', '/v1/embed', '{"images": [', 400, 'serve/request'],
    ['a body that is not UTF-8', '/v1/embed', new Uint8Array([0x22, 0xc3, 0x28, 0x22]), 400, 'serve/request'],
    ['a label of no letters', '/v1/classify', { images: [], labels: [''] }, 400, 'serve/request'],
    [
      'too many texts',
      '/v1/embed',
      { texts: Array.from({ length: 300 }, () => 'a') },
      413,
      'serve/too-large',
    ],
    ['what it does not have', '/v1/act', {}, 404, 'serve/not-found'],
    ['a search without images to search', '/v1/search', { text: 'a' }, 404, 'serve/not-found'],
  ])('refuses %s', async (_, path, body, status, code) => {
    expect(await post(path, body)).toMatchObject({ status, answer: { error: { code } } })
  })

  test('refuses other methods and other types', async () => {
    const wrongMethod = await fetch(`${url}/v1/embed`)
    expect([wrongMethod.status, wrongMethod.headers.get('allow')]).toEqual([405, 'POST'])
    expect(await post('/v1/embed', 'x', { 'content-type': 'text/plain' })).toMatchObject({
      status: 415,
      answer: { error: { code: 'serve/media-type' } },
    })
    const form = '--b\r\ncontent-disposition: form-data; name="text"\r\n\r\ncut'
    expect(
      await post('/v1/embed', form, { 'content-type': 'multipart/form-data; boundary=b' }),
    ).toMatchObject({
      status: 400,
      answer: { error: { code: 'serve/request' } },
    })
    const other = new FormData()
    other.set('imag', 'x')
    expect((await fetch(`${url}/v1/embed`, { method: 'POST', body: other })).status).toBe(400)
  })
})

describe("by KServe's protocol a dual encoder", () => {
  const infer = (model: string, body: unknown) => post(`/v2/models/${model}/infer`, body)
  const size = 3 * 32 * 32
  const pixels = Array.from({ length: 2 * size }, (_, i) => (i % 17) / 17)

  test('tells of its models', async () => {
    const server = await (await fetch(`${url}/v2`)).json()
    expect(server).toMatchObject({ name: 'visuomotor', extensions: ['binary_tensor_data'] })
    const model = await (await fetch(`${url}/v2/models/vision_model/versions/1`)).json()
    expect(model).toEqual({
      name: 'vision_model',
      versions: ['1'],
      platform: 'onnx_onnxv1',
      inputs: [{ name: 'pixel_values', datatype: 'FP32', shape: [-1, 3, 32, 32] }],
      outputs: [{ name: 'image_embeds', datatype: 'FP32', shape: [-1, 24] }],
    })
    for (const path of ['/v2/health/live', '/v2/health/ready', '/v2/models/text_model/ready'])
      expect((await fetch(url + path)).status).toBe(200)
    expect((await fetch(`${url}/v2/models/none`)).status).toBe(404)
  })

  test('computes tensors in JSON, flat or nested', async () => {
    const { status, answer } = await infer('vision_model', {
      id: 'seven',
      inputs: [{ name: 'pixel_values', datatype: 'FP32', shape: [2, 3, 32, 32], data: pixels }],
    })
    expect(status).toBe(200)
    expect(answer).toMatchObject({ model_name: 'vision_model', id: 'seven' })
    expect(answer.outputs[0]).toMatchObject({ name: 'image_embeds', datatype: 'FP32', shape: [2, 24] })
    expectClose(answer.outputs[0]!.data, await runtime.runner.encodeImages(float32([2, 3, 32, 32], pixels)))
    const { inputIds } = runtime.description.tokenizer.encode('a red car', 16)
    const ids = Array.from(inputIds, Number)
    const texts = await infer('text_model', {
      inputs: [{ name: 'input_ids', datatype: 'INT32', shape: [1, 16], data: [ids] }],
      outputs: [{ name: 'text_embeds' }],
    })
    expectClose(texts.answer.outputs[0]!.data, await runtime.runner.encodeTexts(int64([1, 16], ids)))
  })

  test('embeds texts that are given as BYTES', async () => {
    const { answer } = await infer('embed_text', {
      inputs: [{ name: 'text', datatype: 'BYTES', shape: [2], data: ['a red car', 'a dog'] }],
    })
    expectClose(answer.outputs[0]!.data, await runtime.embedTexts(['a red car', 'a dog']))
  })

  const input = { name: 'pixel_values', datatype: 'FP32', shape: [1, 3, 32, 32], data: pixels.slice(0, size) }
  const ids = { name: 'input_ids', datatype: 'INT64', shape: [1, 16], data: new Array(16).fill(1) }
  test.each([
    ['of another shape', 'vision_model', { ...input, shape: [1, 3, 16, 64] }, 400, /shape is \[1,3,16,64\]/],
    ['of fewer numbers', 'vision_model', { ...input, data: [1] }, 400, /has 3072 elements, 1 were sent/],
    [
      'of another dtype',
      'vision_model',
      { ...input, datatype: 'INT32', data: input.data.map(() => 1) },
      400,
      /takes FP32/,
    ],
    ['of no dtype', 'vision_model', { ...input, datatype: 'FP33' }, 400, /datatype/],
    ['of another name', 'vision_model', { ...input, name: 'pixels' }, 400, /no input 'pixels'/],
    ['of texts', 'vision_model', { ...input, data: input.data.map(String) }, 400, /no number/],
    ['of no samples', 'vision_model', { ...input, shape: [0, 3, 32, 32], data: [] }, 400, /shape/],
    [
      'in shared memory',
      'vision_model',
      { ...input, parameters: { shared_memory_region: 'x' } },
      400,
      /shared_memory/,
    ],
    [
      'of tokens beyond the vocabulary',
      'text_model',
      { ...ids, data: new Array(16).fill(1e6) },
      400,
      /vocabulary/,
    ],
    ['of fractions as tokens', 'text_model', { ...ids, data: new Array(16).fill(0.5) }, 400, /whole number/],
    [
      'of broken text',
      'embed_text',
      { name: 'text', datatype: 'BYTES', shape: [2], data: ['a'] },
      400,
      /has 2 elements/,
    ],
    ['for no model', 'vision', input, 404, /there is no model 'vision'/],
  ])('refuses a tensor %s', async (_, model, tensor, status, message) => {
    const { status: found, answer } = await infer(model, { inputs: [tensor] })
    expect(answer.error).toMatch(message)
    expect(found).toBe(status)
  })

  test('refuses NaN in binary data, and data of another length', async () => {
    const send = (bytes: Uint8Array, declared: number) => {
      const head = { inputs: [{ ...input, data: undefined, parameters: { binary_data_size: declared } }] }
      const json = Buffer.from(JSON.stringify(head))
      return post('/v2/models/vision_model/infer', new Uint8Array(Buffer.concat([json, bytes])), {
        'content-type': 'application/octet-stream',
        'inference-header-content-length': String(json.length),
      })
    }
    const values = new Float32Array(size)
    const good = await send(new Uint8Array(values.buffer), 4 * size)
    expect(good.status).toBe(200)
    values[77] = Number.NaN
    expect(await send(new Uint8Array(values.buffer), 4 * size)).toMatchObject({
      status: 400,
      answer: { error: expect.stringMatching(/^\[serve\/not-finite\]/) },
    })
    expect((await send(new Uint8Array(8), 4 * size)).answer.error).toMatch(/bytes are left/)
    expect((await send(new Uint8Array(8), 8)).answer.error).toMatch(/has 12288 bytes, 8 were sent/)
    expect((await send(new Uint8Array(12), 8)).status).toBe(400)
  })
})

test('a server with images finds the one that it is shown', async () => {
  const directory = join(served.folder, '..', 'gallery')
  mkdirSync(join(directory, 'inner'), { recursive: true })
  const files = ['a.png', 'b.png', 'inner/c.png'].map((name) => join(directory, name))
  for (const [i, file] of files.entries()) writeFileSync(file, pictures[i]!)
  const broken = join(directory, 'broken.png')
  writeFileSync(broken, 'no picture')
  const other = await serveTiny('dual-encoder', { gallery: { directory, files: [...files, broken] } })
  try {
    const search = async (body: object) => {
      const response = await fetch(`${other.server.url}/v1/search`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      return { status: response.status, answer: (await response.json()) as Answer }
    }
    const { answer } = await search({ image: base64(pictures[2]!), top: 2 })
    expect(answer.results).toHaveLength(2)
    expect(answer.results[0]!.file).toBe('inner/c.png')
    expect(answer.results[0]!.similarity).toBeCloseTo(1, 4)
    expect((await search({ text: 'a red car' })).answer.results).toHaveLength(3)
    expect((await search({})).answer.error.code).toBe('serve/request')
    expect((await search({ text: '' })).status).toBe(400)
  } finally {
    await other.end()
  }
})
