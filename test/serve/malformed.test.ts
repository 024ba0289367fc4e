import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { errorCodes } from '../../src/core/index.ts'
import { NumpyArray, PolicyClient } from '../../src/deploy/servers/index.ts'
import { observationOf, type Served, serveTiny } from '../support/served.ts'
import { malformedBytes, malformedFrame, malformedRequest } from './malformed.ts'

/** Number of malformed requests, frames and byte streams together; MALFORMED=10000 is the whole of it. */
const count = Number(process.env.MALFORMED ?? 300)

let served: Served
let url: string
beforeAll(async () => {
  served = await serveTiny('policy', { limits: { arrival: 2000 } })
  url = served.server.url
})
afterAll(() => served.end())

const isCode = (code: string) => Object.hasOwn(errorCodes, code)

/** The server answers a good client as before. */
async function expectAlive(): Promise<void> {
  const client = await PolicyClient.connect(url.replace('http', 'ws'))
  expect((await client.infer(observationOf(1))).actions).toBeInstanceOf(NumpyArray)
  await client.close()
}

/** Answers to a frame: a text with a code, or a map for one that is sound by chance. */
async function answerTo(
  frame: Uint8Array | string,
): Promise<{ text: string; isBinary: boolean; code: number | undefined }> {
  const socket = new WebSocket(url.replace('http', 'ws'))
  await new Promise((resolve) => socket.once('message', resolve)) // the greeting
  const closed = new Promise<number>((resolve) => socket.once('close', resolve))
  const answer = new Promise<{ text: string; isBinary: boolean }>((resolve) =>
    socket.once('message', (data, isBinary) => resolve({ text: isBinary ? '' : String(data), isBinary })),
  )
  socket.send(frame)
  const { text, isBinary } = await answer
  if (isBinary) socket.close()
  const code = await closed
  return { text, isBinary, code: isBinary ? undefined : code }
}

test(`each of ${Math.floor(count * 0.4)} malformed frames is answered by an error with a code`, async () => {
  for (let seed = 0; seed < Math.floor(count * 0.4); seed++) {
    const { what, frame } = malformedFrame(seed)
    const { text, isBinary, code } = await answerTo(frame)
    if (isBinary) expect(what).toBe('changed bytes')
    else {
      const found = /^error \[([^\]]+)\]: /.exec(text)?.[1] ?? text
      expect(isCode(found), `${what} (${seed}): ${text}`).toBe(true)
      expect(code).toBe(1011)
    }
    if (seed % 50 === 0) await expectAlive()
  }
  await expectAlive()
}, 600_000)

test(`each of ${Math.floor(count * 0.4)} malformed requests is answered by an error with a code`, async () => {
  for (let seed = 0; seed < Math.floor(count * 0.4); seed++) {
    const { what, path, method, headers, body } = malformedRequest(seed)
    const response = await fetch(url + path, {
      method,
      headers,
      ...(body && { body: body as NonNullable<NonNullable<Parameters<typeof fetch>[1]>['body']> }),
    })
    const answer = (await response.json()) as { error: string | { code: string } }
    const { error } = answer
    const code = typeof error === 'string' ? /^\[([^\]]+)\]/.exec(error)?.[1] : error.code
    expect(isCode(code ?? ''), `${what} (${seed}): ${JSON.stringify(answer)}`).toBe(true)
    expect(response.status, what).toBeGreaterThanOrEqual(400)
    expect(response.status, `${what} (${seed}): ${JSON.stringify(answer)}`).toBeLessThan(500)
    if (seed % 50 === 0) await expectAlive()
  }
  await expectAlive()
}, 600_000)

/** All that a server sends back to bytes, until it closes or the client has waited long enough. */
function sent(bytes: Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    let text = ''
    const finish = () => {
      socket.destroy()
      resolve(text)
    }
    socket.setTimeout(500, finish)
    socket.on('data', (data) => {
      text += data
    })
    socket.on('error', finish)
    socket.on('close', finish)
    socket.write(bytes)
  })
}

test(`${Math.floor(count * 0.2)} streams of bytes that are no requests leave the server at work`, async () => {
  for (let seed = 0; seed < Math.floor(count * 0.2); seed += 10) {
    const seeds = Array.from({ length: 10 }, (_, i) => seed + i)
    const answers = await Promise.all(seeds.map((each) => sent(malformedBytes(each))))
    for (const answer of answers) if (answer !== '') expect(answer).toMatch(/^HTTP\/1\.1 4\d\d/)
    if (seed % 50 === 0) await expectAlive()
  }
  await expectAlive()
}, 600_000)

test('clients that begin and never finish are closed, and others are answered meanwhile', async () => {
  const slow = Array.from({ length: 40 }, () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write(
      'POST /v1/act HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{',
    )
    socket.on('data', () => {})
    socket.on('error', () => {})
    return new Promise((resolve) => socket.on('close', resolve))
  })
  await expectAlive()
  await Promise.all(slow)
  await expectAlive()
}, 60_000)
