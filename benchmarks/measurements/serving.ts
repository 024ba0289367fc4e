import { type ChildProcess, spawn } from 'node:child_process'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { tolerance } from '../agreement.ts'
import { builtCommand, staleBuild } from '../built-command.ts'
import { writeServedBundle } from '../served-bundle.ts'
import { median, quantile } from '../statistics.ts'
import { progress } from './progress.ts'

/** What a server did under a number of clients that each ask again as soon as they are answered. */
export interface ServingLoad {
  readonly clients: number
  readonly requestsPerSecond: number
  readonly latencyMilliseconds: { readonly p50: number; readonly p99: number }
  /** Requests that were refused or failed. */
  readonly failed: number
}

/** Servers of one image tower by HTTP, each with its loads; or why one did not take part. */
export type ServingMeasurement = Readonly<
  Record<string, { readonly loads: readonly ServingLoad[] } | { readonly skipped: string }>
>

/** Numbers of clients; the last is more than any server here can keep up with. */
const clientCounts = [1, 8, 64, 256] as const

/** Turns of each server at each number of clients. */
const turns = 3

const answer = z.object({ images: z.array(z.array(z.number())) })

/** @param seconds Length of a turn. */
export async function measureServing(directory: string, seconds: number): Promise<ServingMeasurement> {
  const stale = staleBuild()
  if (stale) return { visuomotor: stale }
  const { bundle, pictures } = await writeServedBundle(directory)
  const bodies = pictures.map((picture) =>
    Buffer.from(JSON.stringify({ images: [{ base64: picture.toString('base64') }] })),
  )
  const python = process.env.VISUOMOTOR_PYTHON ?? 'python3'
  const peer = join(import.meta.dirname, '../peers/serve_fastapi.py')
  const commands = {
    visuomotor: [process.execPath, builtCommand, 'serve', bundle, '--port', '0', '--json'],
    fastapi: [python, peer, bundle],
  } as const
  const results: Record<string, ServingMeasurement[string]> = {}
  const entrants: Entrant[] = []
  let expected: readonly number[] | undefined
  for (const [name, command] of Object.entries(commands)) {
    progress(`serving: ${name} starts`)
    try {
      const entrant = await start(name, command)
      entrants.push(entrant)
      const { body } = await post(entrant, bodies[0]!)
      const [features] = answer.parse(JSON.parse(body)).images
      expected ??= features
      requireEqual(features!, expected!)
    } catch (error) {
      results[name] = { skipped: (error as Error).message }
      for (const failed of entrants.filter((each) => each.name === name)) stop(failed)
    }
  }
  const able = entrants.filter(({ name }) => !Object.hasOwn(results, name))
  for (const entrant of able) await load(entrant, bodies, 8, seconds / 2) // warm
  const measured = new Map<string, ServingLoad[]>(able.map(({ name }) => [name, []]))
  for (const clients of clientCounts)
    for (const [name, found] of await takeTurns(able, bodies, clients, seconds))
      measured.get(name)!.push(found)
  for (const entrant of able) {
    results[entrant.name] = { loads: measured.get(entrant.name)! }
    stop(entrant)
  }
  return results
}

interface Entrant {
  readonly name: string
  readonly port: number
  readonly child: ChildProcess
  readonly agent: Agent
}

/** Start a server that prints its port, alone or as JSON with its address. */
async function start(name: string, [command, ...argv]: readonly string[]): Promise<Entrant> {
  const child = spawn(command!, argv, { stdio: ['ignore', 'pipe', 'inherit'] })
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve)
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`it ended with code ${code} before it served`)))
  })
  const port = line.startsWith('{') ? Number(new URL(JSON.parse(line).url).port) : Number(line)
  return { name, port, child, agent: new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY }) }
}

function stop({ child, agent }: Entrant): void {
  agent.destroy()
  child.kill('SIGTERM')
}

function post({ port, agent }: Entrant, body: Buffer): Promise<{ status: number; body: string }> {
  const headers = { 'content-type': 'application/json', 'content-length': body.length }
  const options = { host: '127.0.0.1', port, path: '/v1/embed', method: 'POST', agent, headers }
  return new Promise((resolve, reject) => {
    const sent = request(options, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part) => parts.push(part))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString() }),
      )
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

function requireEqual(actual: readonly number[], expected: readonly number[]): void {
  const apart = Math.max(...expected.map((value, i) => Math.abs(value - (actual[i] ?? Number.NaN))))
  if (!(apart <= tolerance)) throw new Error(`its features differ from ours by ${apart}`)
}

/** Turns of all servers with one number of clients, each round beginning with another. */
async function takeTurns(
  entrants: readonly Entrant[],
  bodies: readonly Buffer[],
  clients: number,
  seconds: number,
): Promise<Map<string, ServingLoad>> {
  const rounds = new Map<string, Turn[]>(entrants.map(({ name }) => [name, []]))
  for (let turn = 0; turn < turns; turn++) {
    const order = entrants.map((_, i) => entrants[(i + turn) % entrants.length]!)
    for (const entrant of order) {
      progress(`serving: ${entrant.name}, ${clients} clients`)
      rounds.get(entrant.name)!.push(await load(entrant, bodies, clients, seconds))
    }
  }
  return new Map(
    Array.from(rounds, ([name, all]) => {
      const times = all.flatMap(({ milliseconds }) => milliseconds)
      return [
        name,
        {
          clients,
          requestsPerSecond: median(all.map(({ milliseconds, seconds: took }) => milliseconds.length / took)),
          latencyMilliseconds: { p50: median(times), p99: quantile(times, 0.99) },
          failed: all.reduce((sum, { failed }) => sum + failed, 0),
        },
      ]
    }),
  )
}

interface Turn {
  readonly milliseconds: readonly number[]
  readonly failed: number
  readonly seconds: number
}

/** Clients that ask for some seconds, each again as soon as it is answered. */
async function load(
  entrant: Entrant,
  bodies: readonly Buffer[],
  clients: number,
  seconds: number,
): Promise<Turn> {
  const milliseconds: number[] = []
  let failed = 0
  const begin = performance.now()
  const client = async (_: unknown, number: number): Promise<void> => {
    for (let i = number; performance.now() - begin < 1000 * seconds; i++) {
      const start = performance.now()
      const { status } = await post(entrant, bodies[i % bodies.length]!).catch(() => ({ status: 0 }))
      if (status === 200) milliseconds.push(performance.now() - start)
      else failed++
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  return { milliseconds, failed, seconds: (performance.now() - begin) / 1000 }
}
