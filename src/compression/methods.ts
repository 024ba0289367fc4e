import type { CompressionMethod, CompressionMethods } from './method.ts'
import { prune } from './pruning/prune.ts'
import { sparsity } from './pruning/sparsity.ts'

/** The built-in methods by their kind. */
export const methods: CompressionMethods = {
  prune: prune as CompressionMethod,
  sparsity: sparsity as CompressionMethod,
}
