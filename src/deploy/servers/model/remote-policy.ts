import { type PolicyRunner, valuesByHead } from '../../../models/index.ts'
import type { ModelPool } from './model-pool.ts'

/** Runner of the policy of a pool, for prepared batches. */
export const remotePolicy = (pool: ModelPool): PolicyRunner => ({
  async run(pixelValues, inputIds) {
    const outputs = await pool.graph(
      'model',
      { pixel_values: pixelValues, input_ids: inputIds },
      inputIds.shape[0]!,
    )
    const read = Object.entries(outputs).map(([name, { data }]) => [name, data as Float32Array] as const)
    return valuesByHead(Object.fromEntries(read))
  },
})
