import { parentPort, workerData } from 'node:worker_threads'
import { VisuomotorError } from '../../core/index.ts'
import { EpisodeMaker } from './episode-maker.ts'
import type { EpisodeAnswer, EpisodePlace } from './episode-workers.ts'
import type { EpisodeOptions } from './options.ts'

/** Thread of `makeEpisodes`: receives places, and posts an episode for each. */
const opening = EpisodeMaker.open(workerData as EpisodeOptions)

parentPort?.on('message', async ({ split, number }: EpisodePlace) => {
  try {
    post({ kind: 'episode', episode: (await opening).make(split, number) })
  } catch (error) {
    const code = error instanceof VisuomotorError ? error.code : 'world/worker-failed'
    const message = error instanceof Error ? error.message : String(error)
    post({ kind: 'error', code, message })
  }
})

function post(answer: EpisodeAnswer): void {
  parentPort?.postMessage(answer)
}
