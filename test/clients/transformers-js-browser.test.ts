import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, extname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DualEncoderRuntime, readBundle, writeBundle } from '../../src/deploy/index.ts'
import { browser, headless, removeProfile } from '../support/browser.ts'
import { emojiPicture } from '../support/emoji-picture.ts'
import { tinyBundle } from '../support/tiny-bundle.ts'

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'browser-'))
const labels = ['red apple', 'car', 'a cat on a table']

/** The lines of docs/deploy.md for a browser. */
const documented = /```js\n(import [^`]*wasmPaths[^`]*)```/.exec(
  readFileSync(join(root, 'docs/deploy.md'), 'utf8'),
)![1]!

const page = `<!doctype html>
<script>
  const tell = (path, value) => fetch(path, { method: 'POST', body: JSON.stringify(value) })
  addEventListener('error', ({ message }) => tell('/failed', message))
  addEventListener('unhandledrejection', ({ reason }) => tell('/failed', String(reason)))
</script>
<script type="module">
${documented}
tell('/answers', await classify('/picture.png', ${JSON.stringify(labels)}, { hypothesis_template: '{}' }))
</script>`

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
  '.png': 'image/png',
}

let picture: Buffer
let server: Server
/** What the page told, when it did. */
let told: Promise<{ path: string; value: unknown }>

/** What is served under a path; undefined for what is not there. */
function served(path: string): Uint8Array | string | undefined {
  if (path === '/index.html') return page
  if (path === '/picture.png') return picture
  const name = basename(path)
  const files = {
    '/transformers.min.js': join(root, 'node_modules/@huggingface/transformers/dist', name),
    [`/ort/${name}`]: join(root, 'node_modules/onnxruntime-web/dist', name),
  }
  try {
    return readFileSync(files[path] ?? join(folder, path))
  } catch {
    return undefined
  }
}

beforeAll(async () => {
  await writeBundle(join(folder, 'models/bundle'), tinyBundle('clip'))
  picture = Buffer.from(await emojiPicture(32))
  told = new Promise((resolve) => {
    server = createServer(async (request, response) => {
      const path = (request.url ?? '').replace(/\?.*/, '')
      if (request.method === 'POST') resolve({ path, value: JSON.parse(await text(request)) })
      const content = served(path)
      response.writeHead(content === undefined ? 404 : 200, {
        'content-type': types[extname(path)] ?? 'text/plain',
      })
      response.end(content)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  server.close()
  server.closeAllConnections()
  await removeProfile(folder)
})

test.skipIf(browser === undefined)(
  'the documented lines classify in a browser that reaches nobody else (skipped where there is no chromium)',
  async () => {
    const { port } = server.address() as AddressInfo
    const child = spawn(browser!, [
      ...headless,
      ...['--disable-gpu', `--user-data-dir=${join(folder, 'profile')}`],
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
      `http://127.0.0.1:${port}/index.html`,
    ])
    const ended = new Promise((resolve) => child.on('exit', resolve))
    const tooLate = setTimeout(() => child.kill(), 120_000)
    const { path, value } = await Promise.race([
      told,
      ended.then(() => ({ path: 'the browser ended', value: [] })),
    ])
    clearTimeout(tooLate)
    child.kill()
    await ended
    expect({ path, value }).toEqual({ path: '/answers', value: expect.any(Array) })
    const scores = new Map(
      (value as { label: string; score: number }[]).map(({ label, score }) => [label, score]),
    )
    const expected = await probabilities()
    for (const [i, label] of labels.entries())
      expect(Math.abs(scores.get(label)! / expected[i]! - 1)).toBeLessThan(1e-3)
  },
  180_000,
)

/** The softmax of our runtime's similarities. */
async function probabilities(): Promise<number[]> {
  const bundle = join(folder, 'models/bundle')
  const runtime = await DualEncoderRuntime.load(bundle)
  const image = await runtime.embedImages([{ bytes: picture }])
  const features = await runtime.embedTexts(labels)
  const scale = Math.exp(readBundle(bundle).weights.get('logit_scale')!.data[0]!)
  const powers = labels.map((_, row) =>
    Math.exp(scale * image.reduce((sum, x, i) => sum + x * features[row * image.length + i]!, 0)),
  )
  return powers.map((power) => power / powers.reduce((sum, x) => sum + x))
}
