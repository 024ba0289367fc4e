import { createHash } from 'node:crypto'
import type { RolloutPolicy } from './policy.ts'

/** A policy that keeps a digest of what it predicts. */
export interface DigestedPolicy extends RolloutPolicy {
  /** SHA-256 of all predictions since the last call, bit for bit, as 64 hexadecimal digits. */
  digest(): string
}

/** Follow the predictions of a policy: labels and the bits of their numbers, in the order in which they were made. */
export function digestedPolicy(policy: RolloutPolicy): DigestedPolicy {
  let hash = createHash('sha256')
  return {
    labels: policy.labels,
    async predict(observation) {
      const prediction = await policy.predict(observation)
      for (const [label, numbers] of Object.entries(prediction)) {
        hash.update(`${label} ${numbers.length} `).update(Float64Array.from(numbers))
      }
      return prediction
    },
    digest() {
      const digest = hash.digest('hex')
      hash = createHash('sha256')
      return digest
    },
  }
}
