import { readFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ConfigError, missingPackage } from '../../core/index.ts'
import type { RefusedScene } from '../rollout/episode.ts'
import type { Recording } from '../rollout/recording.ts'
import type { TriedEpisode } from '../rollout/rollout.ts'
import { playerScript } from './player-script.ts'
import { watchPage } from './watch-page.ts'
import { summaryOf, watchedEpisode } from './watched-episode.ts'
import { figuresOf, type WatchedFigures } from './watched-figures.ts'

/** Number of episodes that are kept, the newest: some 300 kB each. */
const kept = 200

/** Folder of three.js as it is built for browsers. @throws ConfigError `config/package`. */
function threeBuild(): string {
  try {
    return dirname(fileURLToPath(import.meta.resolve('three')))
  } catch {
    throw missingPackage('three', 'the page to watch episodes')
  }
}

/** Files of three.js by their names on the page. */
function threeFiles(): Record<string, string> {
  const build = threeBuild()
  return {
    '/three.module.js': join(build, 'three.module.js'),
    '/three.core.js': join(build, 'three.core.js'),
    '/OrbitControls.js': join(build, '../examples/jsm/controls/OrbitControls.js'),
  }
}

/** A server for this machine only, whose page plays episodes in three.js. It needs no network. */
export class WatchServer {
  readonly #server: Server
  readonly #files = threeFiles()
  readonly #recordings = new Map<number, Recording>()
  readonly #tried: TriedEpisode[] = []
  readonly #total: number | undefined
  #count = 0

  private constructor(total: number | undefined) {
    this.#total = total
    this.#server = createServer((request, response) => {
      this.#answer(request.url ?? '/', response).catch((error: Error) => send(response, 500, error.message))
    })
  }

  /**
   * @param port Port of the server; 0 takes a free one.
   * @param total Number of episodes to come, for the page.
   * @throws ConfigError `config/port` for a port that is not available.
   */
  static async start(port = 0, total?: number): Promise<WatchServer> {
    const watch = new WatchServer(total)
    await new Promise<void>((resolve, reject) => {
      watch.#server.once('error', (cause: NodeJS.ErrnoException) => {
        const message = `cannot serve on port ${port}: ${cause.message}. Take another, or none for one that is free`
        reject(new ConfigError('config/port', message, { port }, { cause }))
      })
      watch.#server.listen(port, '127.0.0.1', resolve)
    })
    return watch
  }

  /** Address of the page. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  /** Add an episode to the page's list; of more than 200 the oldest is removed. */
  add(recording: Recording): void {
    this.#recordings.set(this.#count, recording)
    this.#recordings.delete(this.#count - kept)
    this.#count += 1
  }

  /** Count an episode in the page's figures, which are those of the table in the end; a refused scene is none. */
  count(episode: TriedEpisode | RefusedScene): void {
    if ('outcomes' in episode) this.#tried.push(episode)
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #answer(url: string, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(url, this.url)
    const file = this.#files[pathname]
    if (file !== undefined) return send(response, 200, readFileSync(file), 'text/javascript')
    if (pathname === '/') return send(response, 200, watchPage, 'text/html')
    if (pathname === '/player.js') return send(response, 200, playerScript, 'text/javascript')
    if (pathname === '/episodes') {
      const list = Array.from(this.#recordings, ([number, recording]) => summaryOf(recording, number))
      return send(response, 200, JSON.stringify(list), 'application/json')
    }
    if (pathname === '/figures') {
      const figures: WatchedFigures = figuresOf(this.#tried, this.#total)
      return send(response, 200, JSON.stringify(figures), 'application/json')
    }
    const number = Number(/^\/episodes\/(\d+)$/.exec(pathname)?.[1] ?? Number.NaN)
    const recording = this.#recordings.get(number)
    if (recording === undefined) return send(response, 404, `there is nothing at ${pathname}`)
    send(response, 200, JSON.stringify(await watchedEpisode(recording, number)), 'application/json')
  }
}

function send(
  response: ServerResponse,
  status: number,
  body: string | Uint8Array,
  type = 'text/plain',
): void {
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' })
  response.end(body)
}
