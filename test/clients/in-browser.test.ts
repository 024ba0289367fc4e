import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, extname, join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { demoFiles } from '../../scripts/build-demo.ts'
import { Tokenizer, withLearnedWords } from '../../src/data/text/index.ts'
import { attentionAt } from '../../src/deploy/browser/page/attention-at.ts'
import { ChunkPolicyRuntime, DualEncoderRuntime, PolicyRuntime, writeBundle } from '../../src/deploy/index.ts'
import { type RunningServer, serve } from '../../src/deploy/servers/index.ts'
import { browser, softwareGraphics } from '../support/browser.ts'
import { BrowserTab } from '../support/browser-tab.ts'
import { noisePng } from '../support/served.ts'
import { tinyBundle, tinyChunks, tinyPolicy } from '../support/tiny-bundle.ts'

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'in-browser-'))
const [clip, policy, chunks, broken] = ['clip', 'policy', 'chunks', 'broken'].map((name) =>
  join(folder, name),
) as [string, string, string, string]
const runtime = join(root, 'node_modules/onnxruntime-web/dist')
const words = ['a red apple', 'the smiling face of a cat', 'zebra']
const learned = { words: ['a', 'ball', 'cup', 'pick', 'red', 'the', 'up'], commands: true }
const names = ['photo.jpg', 'drawing.png', 'small.png', 'exact.png']
const pathOf = (name: string) => join(folder, name)

let tab: BrowserTab
let files: Server
const servers: RunningServer[] = []

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
}

/** A server of nothing but files: builds of the runtime under `/ort/`, all else from the folder. */
function serveFiles(): Promise<Server> {
  const server = createServer(({ url = '/' }, response) => {
    const file = url.startsWith('/ort/') ? join(runtime, basename(url)) : join(folder, url)
    try {
      const content = url === '/' ? '<!doctype html><title>test</title>' : readFileSync(file)
      response.writeHead(200, { 'content-type': types[extname(file)] ?? (url === '/' ? 'text/html' : '') })
      response.end(content)
    } catch {
      response.writeHead(404).end()
    }
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}

/** Result of code in the browser that has `open(bundle, device)`, and `picture(name)`: a square as the model takes it. */
function inBrowser(code: string, place = tab): Promise<unknown> {
  return place.evaluate(`(async () => {
    const visuomotor = await import('/browser/index.js')
    const load = (build) => async () => {
      const ort = await import('/ort/' + build)
      ort.env.wasm.wasmPaths = '/ort/'
      return ort
    }
    const runtimes = { wasm: load('ort.wasm.min.mjs'), webgpu: load('ort.webgpu.min.mjs') }
    const notes = []
    const open = (bundle, device) =>
      visuomotor.openBundle('/' + bundle, { runtimes, device, onNote: (text) => notes.push(text) })
    const picture = async (name, { description }) =>
      visuomotor.squarePicture(
        await visuomotor.decodePicture(await (await fetch('/' + name)).blob(), name), description.image)
    ${code}
  })()`)
}

const cosine = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let [ab, aa, bb] = [0, 0, 0]
  for (let i = 0; i < b.length; i++) {
    ab += a[i]! * b[i]!
    aa += a[i]! ** 2
    bb += b[i]! ** 2
  }
  return ab / Math.sqrt(aa * bb)
}

/** Write pictures that are larger and smaller than the model's, of its size, with transparency, and a damaged one. */
async function writePictures(): Promise<void> {
  const clouds = sharp(await noisePng(1, 16)).resize(320, 200, { fit: 'fill', kernel: 'cubic' })
  const circle =
    '<svg width="72" height="60"><circle cx="30" cy="28" r="24" fill="#c30a" stroke="#06c"/></svg>'
  const small = await noisePng(2, 20)
  const contents = {
    'photo.jpg': await clouds.jpeg().toBuffer(),
    'drawing.png': await sharp(Buffer.from(circle)).png().toBuffer(),
    'small.png': small,
    'exact.png': await noisePng(3, 32),
    'broken.png': small.subarray(0, small.length / 2),
  }
  for (const [name, content] of Object.entries(contents)) writeFileSync(pathOf(name), content)
}

beforeAll(async () => {
  if (browser === undefined) return
  const tiny = tinyPolicy()
  const { json, config } = tiny.tokenizer
  const tokenizer = Tokenizer.fromJson(json, withLearnedWords(config, learned))
  await writeBundle(policy, { ...tiny, tokenizer })
  await writeBundle(chunks, { ...tinyChunks(), tokenizer })
  await writeBundle(clip, tinyBundle('clip'))
  await writePictures()
  const built = await demoFiles(join(folder, 'browser'))
  mkdirSync(join(folder, 'browser'), { recursive: true })
  for (const [file, contents] of built) writeFileSync(file, contents)
  files = await serveFiles()
  tab = await BrowserTab.open()
  await visitFiles(tab)
})

const visitFiles = (place: BrowserTab): Promise<void> =>
  place.visit(`http://127.0.0.1:${(files.address() as AddressInfo).port}/`, 'document.title === "test"')

/** Require features of pictures and words, as a browser computed them, to be those of Node. */
async function expectFeaturesOfNode(device: 'wasm' | 'webgpu', place: BrowserTab): Promise<void> {
  const node = await DualEncoderRuntime.load(clip, { threads: 1 })
  const found = (await inBrowser(
    `
      const model = await open('clip', '${device}')
      const images = []
      for (const name of ${JSON.stringify(names)})
        images.push([...(await model.runtime.embedImages([await picture(name, model)]))])
      const texts = [...(await model.runtime.embedTexts(${JSON.stringify(words)}))]
      return { images, texts, device: model.device }
    `,
    place,
  )) as { images: number[][]; texts: number[]; device: string }
  expect(found.device).toBe(device)
  for (const [i, name] of names.entries()) {
    const expected = await node.embedImages([{ file: pathOf(name) }])
    const others = await node.embedImages([{ file: pathOf(names[(i + 1) % names.length]!) }])
    expect(cosine(found.images[i]!, expected), name).toBeGreaterThan(0.999)
    expect(cosine(found.images[i]!, others), 'another picture').toBeLessThan(0.999)
  }
  const expected = await node.embedTexts(words)
  expect(Math.max(...found.texts.map((x, i) => Math.abs(x - expected[i]!)))).toBeLessThan(1e-4)
}

afterAll(async () => {
  await tab?.close()
  files?.close()
  await Promise.all(servers.map((server) => server.stop()))
  rmSync(folder, { recursive: true, force: true })
})

describe.skipIf(browser === undefined)('in a browser (skipped where there is no chromium)', () => {
  test('features of the same pictures and words are those of Node', () => expectFeaturesOfNode('wasm', tab))

  test('on WebGPU, too (skipped where the browser has none in software)', async (context) => {
    const withGraphics = await BrowserTab.open(softwareGraphics)
    try {
      await visitFiles(withGraphics)
      if (!(await withGraphics.evaluate('navigator.gpu?.requestAdapter().then(Boolean)'))) context.skip()
      await expectFeaturesOfNode('webgpu', withGraphics)
    } finally {
      await withGraphics.close()
    }
  })

  test('a policy answers as in Node; without WebGPU, WebAssembly computes, and that is told', async () => {
    const command = 'pick up the red cup'
    const { look, device, notes } = (await inBrowser(`
      const model = await open('policy', 'webgpu')
      const [look] = await model.runtime.lookAt([{ pixels: await picture('photo.jpg', model), command: '${command}' }])
      return { look, device: model.device, notes }
    `)) as {
      look: { prediction: Record<string, number[]>; attention: number[] }
      device: string
      notes: string[]
    }
    expect(device).toBe('wasm')
    expect(notes).toEqual([
      expect.stringMatching(/^Computing by WebAssembly instead of WebGPU: this browser/),
    ])
    const node = await PolicyRuntime.load(policy, { threads: 1 })
    const [expected] = await node.lookAt([{ pixels: { file: pathOf('photo.jpg') }, command }])
    expect(cosine(look.attention, expected!.attention)).toBeGreaterThan(0.999)
    expect(Object.keys(look.prediction)).toEqual(node.labels)
    for (const [label, values] of Object.entries(expected!.prediction))
      expect(cosine(look.prediction[label]!, values), label).toBeGreaterThan(0.999)
  })

  test.each([
    ['an altered graph', 'onnx/vision_model.onnx', 'altered', 'bundle/altered'],
    ['a missing file', 'tokenizer.json', 'missing', 'bundle/missing'],
    ['a manifest that is none', 'manifest.json', 'altered', 'bundle/manifest'],
  ])('%s is named', async (_, name, problem, code) => {
    rmSync(broken, { recursive: true, force: true })
    cpSync(clip, broken, { recursive: true })
    const content = readFileSync(join(broken, name))
    content[content.length >> 1]! ^= 1
    if (problem === 'altered') writeFileSync(join(broken, name), name === 'manifest.json' ? '{}' : content)
    else rmSync(join(broken, name))
    const told = await inBrowser(
      `return open('broken', 'wasm').catch(({ code, message }) => [code, message])`,
    )
    expect(told).toEqual([code, expect.stringContaining(name)])
  })
})

describe.skipIf(browser === undefined)('the page of a server (skipped where there is no chromium)', () => {
  const serveDemo = async (bundle: string, options = {}): Promise<string> => {
    const demo = { page: join(folder, 'browser'), runtime }
    const server = await serve(bundle, { port: 0, threads: 1, onNote: () => {}, demo, ...options })
    servers.push(server)
    return server.url
  }
  const messages = () =>
    tab.evaluate(`[...document.querySelectorAll('.messages li span')].map((e) => e.textContent)`)
  const isReady = "document.body.dataset.state === 'ready'"

  test('finds pictures by words as they are typed, and tells of one that is damaged', async () => {
    const gallery = { directory: folder, files: ['photo.jpg', 'exact.png'].map(pathOf) }
    const token = 'a-long-secret'
    const url = await serveDemo(clip, { gallery, token })
    tab.said.length = 0
    await tab.visit(`${url}/demo/#token=${token}`, isReady)
    expect(await tab.evaluate('document.title')).toBe('Search pictures by words')
    await tab.choose('.choose input', [pathOf('broken.png'), pathOf('drawing.png')])
    await tab.until("document.querySelectorAll('.found li').length === 3")
    expect(await messages()).toEqual([expect.stringMatching(/data\/unreadable-image.*broken\.png/)])
    await tab.type('[type=search]', words[0]!)
    await tab.until("document.querySelector('.found b').textContent === '1'")
    const order = await tab.evaluate(
      "[...document.querySelectorAll('.found .file')].map((e) => e.textContent)",
    )
    const node = await DualEncoderRuntime.load(clip, { threads: 1 })
    const query = await node.embedTexts([words[0]!])
    const shown = ['photo.jpg', 'exact.png', 'drawing.png']
    const near = await Promise.all(
      shown.map(async (name) => cosine(await node.embedImages([{ file: pathOf(name) }]), query)),
    )
    const expected = shown.toSorted((a, b) => near[shown.indexOf(b)]! - near[shown.indexOf(a)]!)
    expect(order).toEqual(expected)
    expect(tab.said).toEqual([])

    const status = async (path: string, authorization = '') =>
      (await fetch(`${url}/demo/${path}`, { headers: { authorization }, redirect: 'manual' })).status
    expect(await status('bundle/config.json')).toBe(401)
    for (const path of [
      'bundle/model.safetensors',
      'bundle/onnx/..%2F..%2Fsecret',
      'pictures/7',
      'pictures/x',
    ])
      expect(await status(path, `Bearer ${token}`), path).toBe(404)
    expect(await status('ort/..%2Fpackage.json')).toBe(404)
    await tab.visit(`${url}/demo/`, "document.body.dataset.state === 'failed'")
    expect(await messages()).toEqual([expect.stringContaining('#token=TOKEN')])
  })

  test('gives the command for which a policy looks most at the place of a click', async () => {
    const url = await serveDemo(policy)
    await tab.visit(`${url}/demo/`, isReady)
    const commands = ['pick up the red cup', 'pick up the ball', 'red', 'up up up']
    await tab.evaluate(`document.querySelector('textarea').value = ${JSON.stringify(commands.join('\n'))}`)
    await tab.choose('.choose input', [pathOf('photo.jpg')])
    await tab.until("document.querySelector('.framed canvas')")
    const node = await PolicyRuntime.load(policy, { threads: 1, onNote: () => {} })
    const pixels = { file: pathOf('photo.jpg') }
    const looks = await node.lookAt(commands.map((command) => ({ pixels, command })))
    const found = new Set<string>()
    for (const place of [
      { x: 0.5, y: 0.8 },
      { x: 0.2, y: 0.5 },
    ]) {
      const weights = looks.map(({ attention }) => attentionAt(attention, place))
      const best = commands[weights.indexOf(Math.max(...weights))]!
      await tab.click('.framed', [place.x, place.y])
      await tab.until(`document.querySelector('[type=search]').value === '${best}'`)
      found.add(best)
    }
    expect(found.size).toBe(2)
    await tab.until("document.querySelector('.framed .attention') && document.querySelector('.answers dl')")
    expect(
      await tab.evaluate("[...document.querySelectorAll('.answers dt')].map((e) => e.textContent)"),
    ).toEqual(node.labels)
    await tab.type('[type=search]', 'hebe auf')
    await tab.until("document.querySelector('.told').textContent.includes('data/no-command')")
    expect(await messages()).toEqual([])
    expect(await tab.evaluate("document.querySelector('.answers').innerHTML")).toBe('')
  })

  test('shows the curves of a policy that acts in chunks, of all cameras, the state and the command', async () => {
    const url = await serveDemo(chunks)
    tab.said.length = 0
    await tab.visit(`${url}/demo/`, isReady)
    expect(await tab.evaluate("document.querySelector('.told').textContent")).toMatch(
      /missing of: .*top, .*wrist/,
    )
    await tab.choose('.seen > .choose input', [pathOf('exact.png'), pathOf('small.png')])
    await tab.type('[type=search]', 'pick up the red cup')
    await tab.until("document.querySelectorAll('.curve').length === 2")
    const shown = async () =>
      (await tab.evaluate(
        "[...document.querySelectorAll('.answers td.number')].map((e) => Number(e.textContent.replace('−', '-')))",
      )) as number[]
    const before = await shown()
    await tab.evaluate(`(() => {
      const slider = document.querySelector('.state input')
      slider.value = '1.5'
      slider.dispatchEvent(new Event('input'))
    })()`)
    await tab.until(
      `document.querySelector('.answers td.number').textContent.replace('−', '-') !== '${before[0]!.toFixed(2)}'`,
    )
    const node = await ChunkPolicyRuntime.load(chunks, { threads: 1, onNote: () => {} })
    const names = node.config.cameras
    const cameras = {
      [names[0]!]: { file: pathOf('exact.png') },
      [names[1]!]: { file: pathOf('small.png') },
    }
    const command = 'pick up the red cup'
    for (const [state, found] of [
      [[0.1, 0.1, 0.1], before],
      [[1.5, 0.1, 0.1], await shown()],
    ] as const) {
      const [chunk] = await node.predictAll([{ cameras, state, command }])
      expect(found).toEqual(chunk!.flat().map((value) => expect.closeTo(value, 1)))
    }
    await tab.type('[type=search]', 'hebe auf')
    await tab.until("document.querySelector('.told').textContent === 'Never learned: hebe, auf.'")
    expect(await messages()).toEqual([])
    expect(tab.said).toEqual([])
  })

  test('needs a bundle, and is told where there is none', async () => {
    const bare = join(folder, 'bare')
    mkdirSync(bare)
    cpSync(clip, bare, { recursive: true, filter: (file) => basename(file) !== 'manifest.json' })
    await expect(serveDemo(bare)).rejects.toMatchObject({
      code: 'serve/option',
      message: expect.stringContaining('export'),
    })
  })
})
