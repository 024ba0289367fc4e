import type { HostArray } from '../../../core/index.ts'
import type { PolicyRunner } from '../../../models/index.ts'
import type { ModelPool } from './model-pool.ts'

/** Runner of the policy of a pool, for prepared batches. */
export const remotePolicy = (pool: ModelPool): PolicyRunner => ({
  async run(pixelValues, inputIds) {
    const { attention, ...outputs } = await pool.graph('model', {
      pixel_values: pixelValues,
      input_ids: inputIds,
    })
    const heads: Record<string, Record<string, Float32Array>> = {}
    for (const [name, { data }] of Object.entries(outputs)) {
      const [head, output] = name.split('.') as [string, string]
      heads[head] = { ...heads[head], [output]: data as Float32Array }
    }
    return { heads, attention: (attention as HostArray<'float32'>).data }
  },
})
