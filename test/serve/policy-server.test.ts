import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { PolicyRuntime } from '../../src/deploy/index.ts'
import {
  ActionChunkBroker,
  encodeMessage,
  type MessageMap,
  NumpyArray,
  PolicyClient,
} from '../../src/deploy/servers/index.ts'
import { noise, noisePng, observationOf, type Served, serveTiny } from '../support/served.ts'

let served: Served
let url: string
let runtime: PolicyRuntime
beforeAll(async () => {
  served = await serveTiny('policy')
  url = served.server.url
  runtime = await PolicyRuntime.load(served.folder, { threads: 1, onNote: () => {} })
})
afterAll(() => served.end())

const websocket = () => url.replace('http', 'ws')

async function withClient<T>(use: (client: PolicyClient) => Promise<T>): Promise<T> {
  const client = await PolicyClient.connect(websocket())
  try {
    return await use(client)
  } finally {
    await client.close()
  }
}

const infer = (observation: MessageMap) => withClient((client) => client.infer(observation))
const numbersOf = (value: unknown): number[] => Array.from((value as NumpyArray).data as Float32Array)

function expectClose(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length)
  for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 4)
}

describe("by openpi's protocol a policy", () => {
  test('greets with what it reads and answers', async () => {
    const metadata = await withClient(async (client) => client.metadata)
    expect(metadata).toMatchObject({
      model: 'tiny',
      camera: 'observation/image',
      action: 'joints',
      action_horizon: 1,
      action_dim: 7,
      image_size: 32,
      predictions: { box: 4, category: 3, grasp: 6, joints: 7 },
    })
  })

  test('answers what its runtime answers, with its timing', async () => {
    const { expected, first, second } = await withClient(async (client) => ({
      expected: await runtime.predict({
        pixels: { width: 32, height: 32, data: noise(3) },
        command: 'pick up the red cup',
      }),
      first: await client.infer(observationOf(3)),
      second: await client.infer(observationOf(3)),
    }))
    expect((first.actions as NumpyArray).shape).toEqual([1, 7])
    expectClose(numbersOf(first.actions), expected.joints!)
    const predictions = first.predictions as MessageMap
    for (const [label, values] of Object.entries(expected)) expectClose(numbersOf(predictions[label]), values)
    expect(first.unread_keys).toEqual(['observation/wrist_image', 'observation/state'])
    const { server_timing: timing, policy_timing: policyTiming } = second as Record<
      string,
      Record<string, number>
    >
    expect(policyTiming!.infer_ms).toBeGreaterThan(0)
    expect(timing!.infer_ms).toBeGreaterThanOrEqual(policyTiming!.infer_ms!)
    expect(timing!.prev_total_ms).toBeGreaterThan(0)
    expect(first.server_timing).not.toHaveProperty('prev_total_ms')
  })

  test('reads an image with its channels first, and the bytes of a file, as it reads pixels', async () => {
    const { prompt, 'observation/image': image } = observationOf(4)
    const planes = new Uint8Array(image.data.length)
    for (let i = 0; i < 1024; i++)
      for (let c = 0; c < 3; c++) planes[c * 1024 + i] = (image.data as Uint8Array)[3 * i + c]!
    const [pixels, channelsFirst, file] = await Promise.all([
      infer({ prompt, 'observation/image': image }),
      infer({ prompt, 'observation/image': new NumpyArray('|u1', [3, 32, 32], planes) }),
      infer({ prompt, observation: { image: await noisePng(4) } }),
    ])
    expectClose(numbersOf(channelsFirst!.actions), numbersOf(pixels!.actions))
    expectClose(numbersOf(file!.actions), numbersOf(pixels!.actions))
  })

  test('tells the words that it never learned, and counts them', async () => {
    const answer = await infer(observationOf(5, 'pick up the banana'))
    expect(answer.unlearned_words).toEqual(['banana'])
    const foreign = await infer(observationOf(5, 'hebe den Becher auf'))
    expect(foreign.actions).toBeInstanceOf(NumpyArray)
    expect(foreign.unlearned_words).toEqual(['hebe', 'den', 'becher', 'auf'])
    const metrics = await (await fetch(`${url}/metrics`)).text()
    const counted = Number(/visuomotor_unlearned_words_total (\d+)/.exec(metrics)?.[1])
    expect(counted).toBeGreaterThanOrEqual(5)
  })

  test('refuses a client that sends observations without end before the first is answered', async () => {
    const socket = new WebSocket(websocket())
    await new Promise((resolve) => socket.once('message', resolve))
    const texts: string[] = []
    socket.on('message', (data, isBinary) => {
      if (!isBinary) texts.push(String(data))
    })
    for (let i = 0; i < 20; i++) socket.send(encodeMessage(observationOf(i)))
    expect(await new Promise((resolve) => socket.once('close', resolve))).toBe(1011)
    expect(texts).toEqual([expect.stringMatching(/^error \[serve\/message\]: .*ahead of their answers/)])
  })

  test('answers many clients at once, each its own', async () => {
    const seeds = [11, 12, 13, 14, 15, 16]
    const answers = await Promise.all(seeds.map((seed) => infer(observationOf(seed))))
    for (const [i, seed] of seeds.entries()) {
      const pixels = { width: 32, height: 32, data: noise(seed) }
      const { joints } = await runtime.predict({ pixels, command: 'pick up the red cup' })
      expectClose(numbersOf(answers[i]!.actions), joints!)
    }
  })
})

describe('an observation that cannot be used is refused by its name', () => {
  const { prompt, 'observation/image': image, ...rest } = observationOf(6)
  test.each([
    [
      'without the camera',
      { ...rest, prompt },
      'serve/observation',
      /reads the image 'observation\/image'.*wrist_image/,
    ],
    [
      'of a camera with another name',
      { 'observation/imag': image, prompt },
      'serve/observation',
      /did you mean 'observation\/imag'/,
    ],
    ['without a command', { 'observation/image': image }, 'serve/observation', /prompt must be a text/],
    [
      'with a number as command',
      { 'observation/image': image, prompt: 3 },
      'serve/observation',
      /prompt must be a text/,
    ],
    ['with an empty command', { 'observation/image': image, prompt: '?!' }, 'data/no-command', /has no word/],
    [
      'with a NaN in its state',
      { 'observation/image': image, prompt, state: NumpyArray.float32([2], [0, Number.NaN]) },
      'serve/not-finite',
      /state/,
    ],
    [
      'with an infinite number',
      { 'observation/image': image, prompt, nested: { x: Number.POSITIVE_INFINITY } },
      'serve/not-finite',
      /nested\/x/,
    ],
    [
      'with floats as image',
      { 'observation/image': NumpyArray.float32([2, 2, 3], new Float32Array(12)), prompt },
      'serve/observation',
      /<f4 of shape \[2,2,3\]/,
    ],
    [
      'with a grey image',
      { 'observation/image': new NumpyArray('|u1', [32, 32], new Uint8Array(1024)), prompt },
      'serve/observation',
      /shape \[32,32\]/,
    ],
    ['with an image of a text', { 'observation/image': 'x', prompt }, 'serve/observation', /array of uint8/],
    [
      'with bytes of no image',
      { 'observation/image': Buffer.from('no image at all'), prompt },
      'serve/image',
      /none of PNG/,
    ],
  ] as const)('%s', async (_, observation, code, message) => {
    await expect(infer(observation as MessageMap)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
  })

  test('with an image that is cut short', async () => {
    const png = await noisePng(7, 200)
    const cut = { prompt, 'observation/image': png.subarray(0, png.length / 2) }
    await expect(infer(cut)).rejects.toMatchObject({ code: 'data/unreadable-image' })
  })

  test('and the next is answered over the same client, by a new connection', async () => {
    await withClient(async (client) => {
      await expect(client.infer({ prompt })).rejects.toMatchObject({ code: 'serve/observation' })
      expect((await client.infer(observationOf(8))).actions).toBeInstanceOf(NumpyArray)
    })
  })
})

test('chunks are carried out step by step, and asked for again', async () => {
  const asked: MessageMap[] = []
  const chunk = (first: number) => ({
    actions: NumpyArray.float32(
      [3, 2],
      [0, 1, 2, 3, 4, 5].map((x) => first + x),
    ),
    extra: { ids: new NumpyArray('<i8', [3], BigInt64Array.of(1n, 2n, 3n)), name: 'x', words: ['a', 'b'] },
  })
  const broker = new ActionChunkBroker(
    {
      async infer(observation) {
        asked.push(observation)
        return chunk(10 * asked.length)
      },
      reset: () => {},
    },
    2,
  )
  const steps = [await broker.infer({ t: 0 }), await broker.infer({ t: 1 }), await broker.infer({ t: 2 })]
  expect(steps.map(({ actions }) => numbersOf(actions))).toEqual([
    [10, 11],
    [12, 13],
    [20, 21],
  ])
  expect(steps[1]!.extra).toEqual({
    ids: new NumpyArray('<i8', [], BigInt64Array.of(2n)),
    name: 'x',
    words: ['a', 'b'],
  })
  expect(asked).toEqual([{ t: 0 }, { t: 2 }])
  broker.reset()
  await broker.infer({ t: 3 })
  expect(asked.at(-1)).toEqual({ t: 3 })
  const short = new ActionChunkBroker({ infer: async () => chunk(0), reset: () => {} }, 9)
  for (let i = 0; i < 3; i++) await short.infer({})
  await expect(short.infer({})).rejects.toThrow(/actions has 3 steps, step 4/)
})

describe('over HTTP a policy', () => {
  const post = async (path: string, body: unknown) => {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return { status: response.status, answer: (await response.json()) as Record<string, never> }
  }
  const rgb = Buffer.from(noise(3)).toString('base64')
  const image = { width: 32, height: 32, rgb }
  const command = 'pick up the red cup'

  test('says what it is', async () => {
    const answer = await (await fetch(`${url}/v1/model`)).json()
    expect(answer).toMatchObject({ name: 'tiny', type: 'visuomotor_policy', imageSize: 32, tasks: ['act'] })
  })

  test('acts on JSON and on a form as its runtime does', async () => {
    const expected = await runtime.predict({ pixels: { width: 32, height: 32, data: noise(3) }, command })
    const { status, answer } = await post('/v1/act', { image, command })
    expect(status).toBe(200)
    const form = new FormData()
    form.set('image', new Blob([new Uint8Array(await noisePng(3))]), 'picture.png')
    form.set('command', command)
    const ofForm = (await (
      await fetch(`${url}/v1/act`, { method: 'POST', body: form })
    ).json()) as typeof answer
    for (const { predictions } of [answer, ofForm]) {
      expect(Object.keys(predictions!)).toEqual(Object.keys(expected))
      for (const [label, values] of Object.entries(expected)) expectClose(predictions![label]!, values)
    }
    expect(answer.unlearnedWords).toEqual([])
    expect(Object.keys(answer.classes!)).toEqual(['category'])
  })

  test('answers a command in another language, with its words', async () => {
    const { status, answer } = await post('/v1/act', { image, command: 'hebe auf' })
    expect(status).toBe(200)
    expect(answer.unlearnedWords).toEqual(['hebe', 'auf'])
  })

  test('gives the labels that are asked for', async () => {
    const { answer } = await post('/v1/act', { image, command, labels: ['grasp'] })
    expect(Object.keys(answer.predictions!)).toEqual(['grasp'])
  })

  test.each([
    ['an unknown label', { image, command, labels: ['grsp'] }, 400, 'bundle/heads'],
    ['an unknown key', { image, command, joints: [0] }, 400, 'serve/request'],
    [
      'another size than it has bytes',
      { image: { ...image, width: 31 }, command },
      400,
      'data/camera-pixels',
    ],
    ['no base64', { image: { base64: '###' }, command }, 400, 'serve/request'],
    ['a bomb', { image: { base64: bomb() }, command }, 400, 'serve/image'],
    ['no word at all', { image, command: '?!' }, 422, 'data/no-command'],
  ])('refuses %s', async (_, body, status, code) => {
    expect(await post('/v1/act', body)).toMatchObject({ status, answer: { error: { code } } })
  })

  test('has nothing that a dual encoder has', async () => {
    expect(await post('/v1/embed', { texts: ['a'] })).toMatchObject({
      status: 404,
      answer: { error: { code: 'serve/not-found' } },
    })
  })
})

/** Head of a PNG of 60,000 × 60,000 pixels. */
function bomb(): string {
  const bytes = Buffer.alloc(60)
  bytes.write('89504e470d0a1a0a0000000d49484452', 'hex')
  bytes.writeUInt32BE(60_000, 16)
  bytes.writeUInt32BE(60_000, 20)
  return bytes.toString('base64')
}
