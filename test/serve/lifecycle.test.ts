import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { PolicyClient, serve } from '../../src/deploy/servers/index.ts'
import { noisePng, observationOf, serveTiny } from '../support/served.ts'

const token = 'a-token-of-some-length'

describe('a server with a token', async () => {
  const served = await serveTiny('policy', {
    token,
    limits: { requestBytes: 100_000, arrival: 400, connections: 20 },
  })
  afterAll(() => served.end())
  const { url } = served.server
  const websocket = url.replace('http', 'ws')

  test('asks everybody for it, but for its health', async () => {
    const status = async (path: string, authorization?: string) =>
      (await fetch(url + path, { headers: authorization ? { authorization } : {} })).status
    expect(await status('/v1/model')).toBe(401)
    expect(await status('/v1/model', 'Bearer another-token-of-it')).toBe(401)
    expect(await status('/v1/model', `Basic ${token}`)).toBe(401)
    expect(await status('/v1/model', `Bearer ${token}`)).toBe(200)
    expect(await status('/metrics')).toBe(401)
    expect(await status('/openapi.json', `Api-Key ${token}`)).toBe(200)
    for (const path of ['/healthz', '/readyz', '/v2/health/live', '/v2/health/ready'])
      expect(await status(path)).toBe(200)
  })

  test("checks openpi's Api-Key", async () => {
    await expect(PolicyClient.connect(websocket)).rejects.toMatchObject({ code: 'serve/unauthorized' })
    await expect(PolicyClient.connect(websocket, { token: `${token}x` })).rejects.toMatchObject({
      code: 'serve/unauthorized',
    })
    const client = await PolicyClient.connect(websocket, { token })
    expect(await client.infer(observationOf(1))).toHaveProperty('actions')
    await client.close()
  })

  test('refuses websockets of pages of other sites, whatever token they have', async () => {
    const refused = (origin: string) =>
      new Promise((resolve) => {
        const socket = new WebSocket(websocket, { origin, headers: { authorization: `Api-Key ${token}` } })
        socket.on('error', () => resolve(true))
        socket.on('open', () => {
          socket.close()
          resolve(false)
        })
      })
    expect(await refused('https://elsewhere.example')).toBe(true)
    expect(await refused(url)).toBe(false)
  })

  test('refuses what is larger than it takes, announced or not', async () => {
    const send = (body: NonNullable<NonNullable<Parameters<typeof fetch>[1]>['body']>, more: object = {}) =>
      fetch(`${url}/v1/act`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body,
        ...more,
      })
    expect((await send('x'.repeat(200_000))).status).toBe(413)
    const stream = new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(50_000))
        if (controller.desiredSize === null) controller.close()
      },
    })
    const endless = await send(stream, { duplex: 'half' }).then(
      ({ status }) => status,
      () => 413, // the connection was closed before the answer was read
    )
    expect(endless).toBe(413)
  })

  test('closes a websocket whose message is larger than it takes, by the code of the protocol', async () => {
    const client = new WebSocket(websocket, { headers: { authorization: `Api-Key ${token}` } })
    await new Promise((resolve) => client.once('message', resolve))
    client.send(new Uint8Array(200_000))
    expect(await new Promise((resolve) => client.once('close', resolve))).toBe(1009)
  })

  test('waits for a slow request no longer than it says', async () => {
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1')
      let text = ''
      socket.write('POST /v1/act HTTP/1.1\r\nhost: x\r\n')
      const timer = setInterval(() => socket.write('a'), 50) // a header that never ends
      socket.on('data', (data) => {
        text += data
      })
      socket.on('error', () => {})
      socket.on('close', () => {
        clearInterval(timer)
        resolve(text)
      })
    })
    expect(answer).toMatch(/^HTTP\/1.1 408/)
    expect(answer).toMatch(/serve\/slow/)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
  })
})

describe('a server is not started', () => {
  test.each([
    ['on other addresses without a token', { host: '0.0.0.0' }, 'serve/address'],
    ['on other addresses of IPv6', { host: '::' }, 'serve/address'],
    ['with a token that is none', { token: 'short' }, 'serve/option'],
    ['with a limit out of its range', { limits: { batch: 0 } }, 'serve/option'],
    ['with an unknown limit', { limits: { bacth: 3 } as object }, 'serve/option'],
    [
      'with a certificate that is missing',
      { tls: { certificate: 'none.pem', key: 'none.pem' } },
      'serve/option',
    ],
  ])('%s', async (_, options, code) => {
    await expect(serve('nowhere', { port: 0, ...options })).rejects.toMatchObject({ code })
  })

  test('with the bundle of nothing', async () => {
    await expect(serve('nowhere', { port: 0 })).rejects.toMatchObject({ code: 'bundle/missing' })
  })
})

/** Processes that this one started to hold instances. */
const instancesOf = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const parent = /^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
        return (
          Number(parent) === process.pid &&
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('instance-process')
        )
      } catch {
        return false
      }
    })
    .map(Number)

describe.skipIf(process.platform !== 'linux')('an instance whose process is killed', () => {
  test('is started again and told; requests meanwhile wait or are told why', async () => {
    const before = new Set(instancesOf())
    const served = await serveTiny('dual-encoder', { limits: { deadline: 120_000 } })
    try {
      const { url } = served.server
      const [pid] = instancesOf().filter((found) => !before.has(found))
      const embed = async () => {
        const response = await fetch(`${url}/v1/embed`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ texts: ['a red car'] }),
        })
        const body = await response.json()
        return { status: response.status, retry: response.headers.get('retry-after'), body }
      }
      const first = await embed()
      expect(first.status).toBe(200)
      process.kill(pid!, 'SIGKILL')
      await expect.poll(async () => (await fetch(`${url}/readyz`)).status, { timeout: 20_000 }).toBe(503)
      const answer = await embed() // waits for the next instance
      expect(answer.body).toEqual(first.body)
      expect(
        served.notes.filter((note) => note.includes('was ended by SIGKILL; it is started again')),
      ).toHaveLength(1)
      const metrics = await (await fetch(`${url}/metrics`)).text()
      expect(metrics).toMatch(/^visuomotor_instance_restarts_total 1$/m)
    } finally {
      await served.end()
    }
  })
})

test('a server that stops answers what it took, takes no more, and leaves no process', async () => {
  const before = new Set(instancesOf())
  const served = await serveTiny('dual-encoder', { limits: { batch: 1 } })
  const { url } = served.server
  const body = JSON.stringify({ images: [{ base64: (await noisePng(1, 128)).toString('base64') }] })
  const headers = { 'content-type': 'application/json' }
  const asked = Array.from({ length: 12 }, () =>
    fetch(`${url}/v1/embed`, { method: 'POST', headers, body }).then(
      ({ status }) => status,
      () => undefined, // its connection was not accepted before the server stopped
    ),
  )
  const taken = async () => {
    const metrics = await (await fetch(`${url}/metrics`)).text()
    const figure = (pattern: RegExp) => Number(pattern.exec(metrics)?.[1] ?? 0)
    const answered = figure(/^visuomotor_requests_total\{route="\/v1\/embed",status="200"\} (\d+)$/m)
    return answered + figure(/^visuomotor_waiting_items (\d+)$/m)
  }
  await expect.poll(taken, { timeout: 20_000 }).toBeGreaterThanOrEqual(10)
  await served.end()
  const statuses = (await Promise.all(asked)).filter((status) => status !== undefined)
  expect(statuses.length).toBeGreaterThanOrEqual(10)
  expect(new Set(statuses)).toEqual(new Set([200]))
  await expect(fetch(`${url}/healthz`)).rejects.toThrow()
  expect(instancesOf().filter((pid) => !before.has(pid))).toEqual([])
})

test('a server by TLS', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tls-'))
  const [certificate, key] = ['certificate.pem', 'key.pem'].map((name) => join(folder, name)) as [
    string,
    string,
  ]
  try {
    const subject = ['-subj', '/CN=localhost', '-days', '2', '-nodes']
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-keyout',
        key,
        '-out',
        certificate,
        ...subject,
      ],
      { stdio: 'ignore' },
    )
  } catch {
    rmSync(folder, { recursive: true })
    return // no openssl on this machine
  }
  const served = await serveTiny('policy', { tls: { certificate, key } })
  try {
    expect(served.server.url).toMatch(/^https:/)
    const client = new WebSocket(served.server.url.replace('https', 'wss'), {
      ca: readFileSync(certificate),
      checkServerIdentity: () => false, // that is: no error, though it is for localhost and not for an address
    })
    const greeting = await new Promise((resolve, reject) => {
      client.once('message', resolve)
      client.once('error', reject)
    })
    expect(greeting).toBeInstanceOf(Buffer)
    client.close()
  } finally {
    await served.end()
    rmSync(folder, { recursive: true })
  }
})
