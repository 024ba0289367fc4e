import type { ChunkObservation } from '../chunks/chunk-inputs.ts'
import { requireFiniteChunk } from '../chunks/chunk-policy-runtime.ts'
import type { Chunk } from '../chunks/temporal-ensembler.ts'
import type { Serving } from './serving.ts'

/** Chunks that a client may be told, and the words of its commands that the policy never learned. */
export interface ServedChunks {
  readonly chunks: readonly Chunk[]
  readonly unlearned: readonly string[]
}

/**
 * The chunks that the policy of a server answers to observations. A command in any words is answered.
 * @throws DataError `deploy/camera`, `deploy/joint-state`; ActionError `deploy/not-finite`; errors of the pool.
 */
export async function chunksOf(
  serving: Serving,
  observations: readonly ChunkObservation[],
): Promise<ServedChunks> {
  const commands = observations.flatMap(({ command }) => (command === undefined ? [] : [command]))
  const unlearned = serving.countUnlearned(commands)
  const chunks = await serving.model.pool.chunks(observations)
  for (const chunk of chunks) requireFiniteChunk(chunk)
  return { chunks, unlearned }
}
