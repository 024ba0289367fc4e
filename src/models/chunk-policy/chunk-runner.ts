import type { HostArray } from '../../core/index.ts'

/** A policy that answers chunks of actions for prepared batches. */
export interface ChunkRunner {
  /** @param feeds Arrays by the names of the graph's inputs. @returns [batch, chunk, numbers], in the units of the data. */
  run(feeds: Readonly<Record<string, HostArray>>): Promise<Float32Array>
}
