import type { Worker } from 'node:worker_threads'
import { startWorker, WorldError } from '../../core/index.ts'
import type { DemonstratedEpisode } from './episode-maker.ts'
import type { EpisodeOptions, EpisodeSplit } from './options.ts'

/** Place of an episode in its data set. */
export interface EpisodePlace {
  readonly split: EpisodeSplit
  readonly number: number
}

/** Message from a worker. */
export type EpisodeAnswer =
  | { readonly kind: 'episode'; readonly episode: DemonstratedEpisode }
  | { readonly kind: 'error'; readonly code: WorldError['code']; readonly message: string }

/** Episodes that each thread may be ahead of the one that is waited for. */
const ahead = 2

/**
 * Make episodes in worker threads; they come in the order of their places.
 * @throws WorldError from a worker, after all have stopped.
 */
export async function* makeEpisodes(
  places: readonly EpisodePlace[],
  options: EpisodeOptions,
  workers: number,
): AsyncGenerator<DemonstratedEpisode> {
  const threads = Array.from({ length: Math.min(workers, places.length) }, () => {
    return startWorker(import.meta.url, 'episode-worker', options)
  })
  const queue: Promise<DemonstratedEpisode>[] = []
  const last: Promise<unknown>[] = threads.map(() => Promise.resolve())
  try {
    for (let next = 0, number = 0; number < places.length; number++) {
      for (; next < Math.min(places.length, number + ahead * threads.length); next++) {
        const place = places[next]!
        const own = next % threads.length
        const made = last[own]!.then(() => episodeOf(threads[own]!, place))
        last[own] = made.catch(() => {}) // it is told when its turn comes
        queue.push(made)
      }
      yield await queue.shift()!
    }
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()))
  }
}

function episodeOf(worker: Worker, place: EpisodePlace): Promise<DemonstratedEpisode> {
  const name = `episode ${place.number} of ${place.split}`
  return new Promise((resolve, reject) => {
    const onMessage = (answer: EpisodeAnswer) => {
      if (answer.kind === 'episode') resolve(answer.episode)
      else reject(new WorldError(answer.code, `${name}: ${answer.message}`))
      end()
    }
    const onError = (cause: Error) => {
      reject(workerFailed(name, cause.message, cause))
      end()
    }
    const onExit = (code: number) => {
      reject(workerFailed(name, `it ended with code ${code}`))
      end()
    }
    // Each by its name: a worker without its own inner listeners is deaf.
    const end = () => void worker.off('message', onMessage).off('error', onError).off('exit', onExit)
    worker.on('message', onMessage).on('error', onError).on('exit', onExit)
    worker.postMessage(place)
  })
}

const workerFailed = (name: string, problem: string, cause?: unknown): WorldError =>
  new WorldError('world/worker-failed', `the thread of ${name} failed: ${problem}`, {}, { cause })
